import Files
import Logging
import SobreAdmission
import SobreRendering
import SobreSettings
import SobreStore
import SobreWire

extension Node {
    /// The templates, those as broken whose category the policy in force does not know.
    var checkedTemplates: CatalogueSnapshot {
        templates.snapshot.knowing(
            categories: policy.policy.categoryNames, policy: FilePath.forDisplay(settings.paths.policy))
    }

    /// Reads templates and the policy again where their files changed, and tells what else has changed. What is refused
    /// stays out: the version in force goes on.
    ///
    /// - Parameter logger: where it is told, once for each change.
    func watch(logger: Logger) async {
        watchTemplates(logger)
        await watchPolicy(logger)
        watchConfiguration(logger)
    }

    private func watchTemplates(_ logger: Logger) {
        let folder = FilePath.forDisplay(settings.paths.templates)
        do {
            if try templates.reload() { logTemplates(logger) }
            refusals.note(folder, nil)
        } catch {
            if refusals.note(folder, "\(error)") {
                logger.error("templates cannot be read; those in memory stay in force", metadata: ["why": "\(error)"])
            }
        }
    }

    /// Tells of templates that were read again.
    func logTemplates(_ logger: Logger) {
        for (name, error) in checkedTemplates.broken {
            logger.error("template is broken", metadata: ["template": "\(name)", "why": "\(error.summary)"])
        }
        logger.notice("templates reloaded", metadata: ["count": "\(templates.snapshot.names.count)"])
    }

    private func watchPolicy(_ logger: Logger) async {
        let file = FilePath.forDisplay(settings.paths.policy)
        do {
            let text = try PolicyFile.text(of: settings)
            if text == policy.text {
                policy.see(text)
                refusals.note(file, nil)
                return
            }
            // A file that still grows is not a policy yet.
            guard policy.rests(text, for: settings.monitor.policyRest), !policy.hasSeen(text) else { return }
            try await replacePolicy(with: text, logger)
            refusals.note(file, nil)
        } catch {
            if refusals.note(file, "\(error)") {
                logger.error("the policy is refused; the last good one stays in force", metadata: ["why": "\(error)"])
            }
        }
    }

    private func replacePolicy(with text: String, _ logger: Logger) async throws {
        do {
            try await put(try checkedPolicy(text, settings), logger)
        } catch let error as StoreError {
            // Not the file's fault: tried again.
            throw error
        } catch {
            policy.see(text)
            throw error
        }
    }

    /// Reads a policy that may take the place of the one in force.
    func checkedPolicy(_ text: String, _ settings: Settings) throws -> PolicyFile {
        let file = try PolicyFile(text: text, settings)
        if let objection = file.objection(replacing: (policy.version, policy.text)) { throw objection }
        return file
    }

    /// Stores a policy and puts it in force.
    func put(_ file: PolicyFile, _ logger: Logger) async throws {
        let version = try await policy.replace(with: file.policy, text: file.text) {
            try await store.register(policy: file.text)
        }
        logger.notice("policy in force", metadata: ["version": "\(version)"])
    }

    /// Settings, manifests and credentials are put in force by a reload only.
    private func watchConfiguration(_ logger: Logger) {
        let current = configuration.current
        let stamp = ConfigurationStamp(of: current.settings)
        guard stamp != current.stamp else { return }
        configuration.see(stamp)
        do {
            let reading = try ConfigurationReading(
                replacing: current, environment: environment, transport: connections.transport)
            let why = reading.isNews ? "sobre reload puts it in force." : nil
            if noteConfiguration(why.map { ReloadRefusal(configurationPlace, $0) }), why != nil {
                logger.notice(
                    "settings or providers changed; sobre reload puts them in force",
                    metadata: ["changed": "\((reading.changed + reading.changes.restart).joined(separator: ", "))"])
            }
        } catch {
            guard noteConfiguration(error) else { return }
            for file in error.files {
                logger.error(
                    "a changed file is invalid; what was read before stays in force",
                    metadata: ["file": "\(file.file)", "why": "\(file.why)"])
            }
        }
    }

    /// The file that settings and providers are in, as it is shown.
    private var configurationPlace: String { FilePath.forDisplay(settings.file ?? settings.paths.providers) }

    /// Notes the state of the settings and of the folder of manifests.
    ///
    /// - Parameter refusal: what is not in force; nil: all of it is.
    /// - Returns: whether that is news.
    @discardableResult
    func noteConfiguration(_ refusal: ReloadRefusal?) -> Bool {
        var isNews = false
        for place in Set([configurationPlace, FilePath.forDisplay(settings.paths.providers)]) {
            let why = refusal?.files.first { $0.file == place }?.why
            if refusals.note(place, why) { isNews = true }
        }
        return isNews
    }
}
