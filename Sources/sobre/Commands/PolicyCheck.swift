import ArgumentParser
import Files
import JSON
import SobreAdmission
import SobreNode
import SobreSettings
import SobreViews
import TerminalOutput
import Text
import YAMLDocument
import ZoneInfo

/// `sobre policy check`.
struct PolicyCheck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a policy for mistakes and for rules without effect.",
        usage: "sobre policy check [<file>] [<options>]",
        discussion: """
            Reports mistakes with their line and a correction, and rules that are never reached, never fill, or contradict \
            themselves or each other.

            Status: 0 valid, 1 valid with warnings, 2 invalid: it cannot be put in force.

            Example:  sobre policy check new-policy.yaml
            """)

    @Argument(help: ArgumentHelp("The policy. Default: paths.policy of the settings.", valueName: "file"))
    var file: String?

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let path = try file.map { FilePath.resolve($0, from: FilePath.working) } ?? settings.load().paths.policy
        let shown = FilePath.forDisplay(path)
        let text = try TextFile.readText(path, atMost: 1 << 20)
        let policy: Policy
        do {
            policy = try Policy.load(text: text, file: shown, zones: .system)
        } catch {
            try refuse(shown, error)
        }
        // Beside the settings, where there are any, it is judged as a server would judge it.
        let access: StoreAccess? = if file == nil { try settings.access() } else { try? settings.access() }
        if let objection = try await access?.objection(to: policy, text: text) {
            try refuse(
                shown,
                YAMLError(file: shown, line: 0, column: 0, message: objection.description, help: nil))
        }
        let findings = (policy.findings + (access?.settings.unknownNames(in: policy) ?? [])).sorted {
            ($0.line, $0.message) < ($1.line, $1.message)
        }
        switch output.format {
        case .text: Console.print(Self.lines(shown, policy, findings))
        case .json: Console.print(bytes: Self.json(shown, error: nil, findings: findings))
        }
        if !findings.isEmpty { throw ExitCode(1) }
    }

    private func refuse(_ shown: String, _ error: YAMLError) throws -> Never {
        switch output.format {
        case .text: Console.printError(error.description)
        case .json: Console.print(bytes: Self.json(shown, error: error, findings: []))
        }
        throw ExitCode(2)
    }

    private static func lines(_ file: String, _ policy: Policy, _ findings: [PolicyFinding]) -> [String] {
        var lines = findings.map { "\(file):\($0.line): warning: \($0.message) [\($0.kind.rawValue)]" }
        let rules = policy.rows.count
        let length =
            "It has \(rules) rule\(rules == 1 ? "" : "s") and looks back \(DurationText.rounded(policy.horizon))."
        switch findings.count {
        case 0: lines.append("\(file) is valid. \(length)")
        case 1: lines.append("\(file) is valid, with 1 warning. \(length)")
        default: lines.append("\(file) is valid, with \(findings.count) warnings. \(length)")
        }
        return lines
    }

    private static func json(_ file: String, error: YAMLError?, findings: [PolicyFinding]) -> [UInt8] {
        var json = JSONWriter(indentation: 2)
        json.object { json in
            json.member("file", ifPresent: file)
            json.key("valid")
            json.value(error == nil)
            if let error {
                json.key("error")
                json.object { json in
                    json.key("line")
                    json.value(error.line)
                    json.key("column")
                    json.value(error.column)
                    json.member("message", ifPresent: error.message)
                    json.member("help", ifPresent: error.help)
                }
            }
            json.key("warnings")
            json.array { json in
                for finding in findings {
                    json.object { json in
                        json.member("kind", ifPresent: finding.kind.rawValue)
                        json.member("list", ifPresent: finding.list)
                        json.member("rule", ifPresent: finding.rule)
                        json.key("line")
                        json.value(finding.line)
                        json.member("message", ifPresent: finding.message)
                    }
                }
            }
        }
        json.newline()
        return json.take()
    }
}
