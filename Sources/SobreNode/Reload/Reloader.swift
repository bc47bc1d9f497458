import Files
import Logging
import SobreDelivery
import SobreModel
import SobreRendering
import SobreSettings
import SobreStore
import SobreWire

/// Reads a node's files again and puts them in force: all of them, or, when one is invalid, none.
///
/// One reload follows the other. Calls to providers that are under way end as they began.
actor Reloader {
    private let node: Node
    private let notifier: ServiceNotifier
    private let logger: Logger
    private let onLogLevel: @Sendable (Settings.Log.Level) -> Void
    private var last: Task<Void, Never>?

    init(
        node: Node, notifier: ServiceNotifier, logger: Logger,
        onLogLevel: @escaping @Sendable (Settings.Log.Level) -> Void
    ) {
        self.onLogLevel = onLogLevel
        self.node = node
        self.notifier = notifier
        self.logger = logger
    }

    /// Looks for changed files, as ``Node/watch(logger:)``.
    func watch() async { await inTurn { await $0.node.watch(logger: $0.logger) } }

    /// Reloads in the name of the task's author.
    ///
    /// - Returns: what was put in force, or why nothing was.
    func reload() async -> ReloadReport { await inTurn { await $0.carryOut() } }

    private func inTurn<Result: Sendable>(
        _ body: @escaping @Sendable (isolated Reloader) async -> Result
    ) async -> Result {
        let before = last
        // Whoever ordered it may leave; it is carried out to the end.
        let task = Task {
            await before?.value
            return await body(self)
        }
        last = Task { _ = await task.value }
        return await task.value
    }

    private func carryOut() async -> ReloadReport {
        notifier.reloading()
        var report: ReloadReport
        do throws(ReloadRefusal) {
            report = try await put(try read())
        } catch {
            report = ReloadReport(.refused, refused: error.files)
            await refuse(error)
        }
        report.brokenTemplates = node.checkedTemplates.broken.map(\.name)
        report.policyVersion = node.policy.version
        notifier.ready("last reload: \(report.outcome.rawValue)")
        return report
    }

    /// Everything that a reload puts in force.
    private struct Reading {
        var configuration: ConfigurationReading
        /// Nil: it is the one in force.
        var policy: PolicyFile?
        /// Nil: they are those in force.
        var templates: CatalogueSnapshot?

        var changed: [String] {
            configuration.changed + (policy == nil ? [] : ["policy"]) + (templates == nil ? [] : ["templates"])
        }
    }

    /// Reads all files, and collects the faults of all.
    private func read() throws(ReloadRefusal) -> Reading {
        let stamp = ConfigurationStamp(of: node.settings)
        var refused: [NodeCondition.RefusedFile] = []
        var configuration: ConfigurationReading?
        do throws(ReloadRefusal) {
            configuration = try ConfigurationReading(
                replacing: node.configuration.current, environment: node.environment,
                transport: node.connections.transport)
            node.noteConfiguration(nil)
        } catch {
            refused += error.files
            node.noteConfiguration(error)
            node.configuration.see(stamp)
        }
        let settings = configuration?.next.settings ?? node.settings
        var policy: PolicyFile?
        note(FilePath.forDisplay(settings.paths.policy), in: &refused) {
            let text = try PolicyFile.text(of: settings)
            if text != node.policy.text { policy = try node.checkedPolicy(text, settings) }
        }
        var templates: CatalogueSnapshot?
        note(FilePath.forDisplay(settings.paths.templates), in: &refused) { templates = try node.templates.changed() }
        guard let configuration, refused.isEmpty else { throw ReloadRefusal(refused) }
        return Reading(configuration: configuration, policy: policy, templates: templates)
    }

    private func note(_ file: String, in refused: inout [NodeCondition.RefusedFile], _ body: () throws -> Void) {
        var why: String?
        do { try body() } catch { why = "\(error)" }
        node.refusals.note(file, why)
        if let why { refused.append(.init(file: file, why: why)) }
    }

    private func put(_ reading: Reading) async throws(ReloadRefusal) -> ReloadReport {
        let restart = reading.configuration.changes.restart
        let report = ReloadReport(
            reading.changed.isEmpty && restart.isEmpty ? .unchanged : .applied, changed: reading.changed,
            restart: restart)
        // The store first: it alone can still refuse.
        do {
            if let policy = reading.policy { try await node.put(policy, logger) }
            try await node.store.audit(.reload, subject: "settings", detail: Self.detail(of: report))
        } catch {
            throw ReloadRefusal(FilePath.forDisplay(node.settings.data.directory), "\(error)")
        }
        if let templates = reading.templates {
            node.templates.replace(with: templates)
            node.logTemplates(logger)
        }
        node.put(reading.configuration)
        onLogLevel(node.settings.log.level)
        logger.notice("read again", metadata: ["result": "\(Self.detail(of: report))"])
        return report
    }

    private func refuse(_ refusal: ReloadRefusal) async {
        for file in refusal.files {
            logger.error(
                "nothing is reloaded: a file is invalid", metadata: ["file": "\(file.file)", "why": "\(file.why)"])
        }
        // Without the lines that show the place.
        let reasons = ReloadReport(
            .refused,
            refused: refusal.files.map { file in
                .init(file: file.file, why: String(file.why.prefix { $0 != "\n" }))
            }
        ).refusal.split(separator: "\n")
        let detail = "refused: \(reasons.joined(separator: " "))"
        do {
            try await node.store.audit(.reload, subject: "settings", detail: detail)
        } catch {
            logger.error("the refused reload is not in the audit trail", metadata: ["why": "\(error)"])
        }
    }

    /// In words, for the log and the audit trail.
    private static func detail(of report: ReloadReport) -> String {
        let parts = [("changed", report.changed), ("needs a restart", report.restart)].filter { !$1.isEmpty }
        return parts.isEmpty
            ? "nothing changed" : parts.map { "\($0): \($1.joined(separator: ", "))" }.joined(separator: "; ")
    }
}

extension Node {
    /// Puts settings and providers in force.
    fileprivate func put(_ reading: ConfigurationReading) {
        let next = reading.next
        configuration.replace(with: next)
        router.change(
            to: next.setup.members, changed: reading.changedProviders, routes: next.setup.routes,
            broken: next.setup.broken, at: time.now())
        renderer.replace(options: next.settings.renderingOptions)
    }
}
