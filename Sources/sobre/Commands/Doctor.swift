import ArgumentParser
import Files
import Glibc
import JSON
import SobreAdmission
import SobreDelivery
import SobreModel
import SobreNode
import SobreProviders
import SobreRendering
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput
import Text
import ZoneInfo

/// `sobre doctor`.
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything that Sobre needs, and report what is missing and what to do.",
        discussion: """
            Changes nothing and calls no provider. A running server is asked for its own warnings about its clock, its \
            providers and its templates.

            Status: 0 everything works (perhaps with notes), 1 something must be fixed.
            """)

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        var findings = Findings()
        let settings: Settings
        do {
            settings = try self.settings.load()
            findings.good("settings", settings.file.map(FilePath.forDisplay) ?? "no file; defaults are used")
        } catch {
            findings.bad("settings", "\(error)")
            try finish(findings)
            return
        }
        findings.check(policy: settings)
        findings.check(templates: settings)
        findings.check(providers: settings)
        let access = StoreAccess(settings)
        await findings.check(data: access)
        await findings.check(server: access)
        findings.check(system: settings)
        try finish(findings)
    }

    private func finish(_ findings: Findings) throws {
        switch output.format {
        case .text: Console.print(findings.lines(for: output.terminal))
        case .json: Console.print(bytes: findings.json())
        }
        if findings.hasFault { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}

/// The results of the checks.
struct Findings {
    enum Grade: String { case good, remark, bad }

    private(set) var entries: [(grade: Grade, about: String, text: String)] = []

    var hasFault: Bool { entries.contains { $0.grade == .bad } }

    mutating func good(_ about: String, _ text: String) { entries.append((.good, about, text)) }
    mutating func remark(_ about: String, _ text: String) { entries.append((.remark, about, text)) }
    mutating func bad(_ about: String, _ text: String) { entries.append((.bad, about, text)) }

    mutating func check(policy settings: Settings) {
        let shown = FilePath.forDisplay(settings.paths.policy)
        do {
            let policy = try settings.readPolicy()
            good("policy", "\(shown), \(policy.categories.count) categories")
            for finding in policy.findings { remark("policy", "\(shown):\(finding.line): \(finding.message)") }
            let horizon = min(policy.horizon, .seconds(3660 * 86_400))
            if settings.retention.ledger < horizon {
                bad(
                    "policy",
                    "It counts \(DurationText.rounded(policy.horizon)) back, but retention.ledger keeps \(DurationText.rounded(settings.retention.ledger)). Raise retention.ledger."
                )
            }
        } catch { bad("policy", "\(error)") }
    }

    mutating func check(templates settings: Settings) {
        do {
            let snapshot = try TemplateCatalogue(root: settings.paths.templates).snapshot
            good("templates", "\(snapshot.ready.count) in \(FilePath.forDisplay(settings.paths.templates))")
            for (_, error) in snapshot.broken { bad("templates", error.report) }
            for template in snapshot.ready
            where template.manifest.from == nil && settings.renderingOptions.defaultFrom == nil {
                guard let channel = template.channels.first(where: { $0.sender == .mailbox }) else { continue }
                bad(
                    "templates",
                    "\(template.manifest.name) names no sender; set from: in its template.yaml, or sender.\(channel).")
            }
        } catch { bad("templates", "\(error)") }
        let mailboxes = Channel.allCases.filter { $0.sender == .mailbox }
            .map { ("sender.\($0)", settings.sender[$0]) }
        for (name, text) in mailboxes + [("sender.reply_to", settings.sender.replyTo)] {
            if let text, Mailbox(parsing: text) == nil {
                bad("sender", "\(name) is not a mailbox: \(text). Write Name <local@domain>.")
            }
        }
    }

    mutating func check(providers settings: Settings) {
        do {
            let setup = try ProviderSetup(settings: settings, environment: .process)
            for instance in settings.providers {
                if let fault = setup.faults[instance.name] { bad("providers", fault) }
            }
            for note in setup.notes { remark("providers", note) }
            for channel in Channel.allCases {
                let names = (setup.routes[channel] ?? []).filter { name in
                    setup.members.contains { $0.provider.name == name }
                }
                if names.isEmpty {
                    remark("providers", "No provider for \(channel): its messages are held. Configure one.")
                } else {
                    good("providers", "\(channel) by \(names.joined(separator: ", then "))")
                }
            }
        } catch { bad("providers", "\(error)") }
    }

    mutating func check(data access: StoreAccess) async {
        let directory = access.settings.data.directory
        let shown = FilePath.forDisplay(directory)
        guard access.hasData else {
            remark("data", "\(shown) does not exist yet; it is created at the first start.")
            return
        }
        var info = stat()
        if stat(directory, &info) == 0, info.st_mode & 0o077 != 0 {
            remark("data", "Other users can read \(shown). Run chmod 700 on it.")
        }
        do {
            let totals = try await access.read { try await $0.totals() }
            let waiting = totals.filter { $0.key.isPending }.values.reduce(0, +)
            good("data", "\(shown), \(totals.values.reduce(0, +)) deliveries, \(waiting) waiting")
        } catch { bad("data", "\(error)") }
        if let room = access.room, room < 512 << 20 {
            bad(
                "data",
                "Only \(room >> 20) MiB are free in \(shown). Free some space: sending stops when nothing can be recorded."
            )
        }
    }

    mutating func check(system settings: Settings) {
        do {
            _ = try ZoneCatalogue.system.zone(named: "Europe/Paris")
            good("time zones", "\(ZoneCatalogue.system.names.count) known")
        } catch { bad("time zones", "\(error) Install the package tzdata.") }
        let needed = OpenFiles.needed(by: settings)
        if OpenFiles.allowed < needed {
            remark(
                "open files",
                "\(OpenFiles.allowed) are allowed, \(needed) may be needed. Raise LimitNOFILE (systemd) or ulimit -Hn.")
        }
        let isLocal = settings.links.publicURL.contains("127.0.0.1") || settings.links.publicURL.contains("localhost")
        if isLocal {
            remark(
                "links", "links.public_url is \(settings.links.publicURL): unsubscribe links work on this machine only."
            )
        } else if !settings.links.publicURL.hasPrefix("https://") {
            bad("links", "links.public_url is not https, which one-click unsubscription needs (RFC 8058).")
        }
    }

    func lines(for terminal: Terminal) -> [String] {
        var lines: [String] = []
        for entry in entries {
            let mark =
                switch entry.grade {
                case .good: Style.good.paint("ok    ", on: terminal)
                case .remark: Style.waiting.paint("remark", on: terminal)
                case .bad: Style.bad.paint("ERROR ", on: terminal)
                }
            let about = entry.about + String(repeating: " ", count: max(1, 12 - entry.about.count))
            let isReport = entry.text.contains("\n")
            let pieces =
                isReport
                ? entry.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                : TextWidth.wrap(entry.text, to: max(40, terminal.width - 20))
            for (index, piece) in pieces.enumerated() {
                lines.append(index == 0 ? "\(mark)  \(about)\(piece)" : String(repeating: " ", count: 20) + piece)
            }
        }
        let faults = entries.count { $0.grade == .bad }
        lines.append("")
        lines.append(faults == 0 ? "Everything works." : "\(faults) \(faults == 1 ? "error" : "errors") to fix.")
        return lines
    }

    func json() -> [UInt8] {
        var writer = JSONWriter()
        for entry in entries {
            writer.object { writer in
                writer.member("grade", ifPresent: entry.grade.rawValue)
                writer.member("about", ifPresent: entry.about)
                writer.member("text", ifPresent: entry.text)
            }
            writer.newline()
        }
        return writer.take()
    }
}
