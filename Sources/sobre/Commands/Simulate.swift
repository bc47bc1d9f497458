import ArgumentParser
import Files
import SobreAdmission
import SobreIntake
import SobreModel
import SobreNode
import SobreRendering
import SobreSettings
import SobreSimulation
import SobreSimulationInput
import SobreViews
import TerminalOutput
import ZoneInfo

/// `sobre simulate`.
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what another policy would have sent, held and dropped.",
        usage: "sobre simulate --policy <file> [<options>] [<file>]",
        discussion: """
            Replays message requests under a new policy and under the one it would replace, with the decision code of the \
            server. The requests are those recorded in the data directory, or a file as sobre enqueue reads it, each with \
            its send_at. Nothing is sent or recorded; two runs give the same bytes.

            A recipient without a profile is assumed to be reachable on every channel and to have consented. An allowed \
            message is sent at once and delivered. Templates are not rendered, so fingerprint_window is not evaluated. \
            Of WhatsApp's 24 hours only the last message of each recorded recipient is known; for requests from a file they \
            are not evaluated.

            Example:  sobre simulate --policy strict.yaml
                      sobre simulate --policy strict.yaml --from 30d --format json
                      sobre demo --write-requests r.ndjson --write-profiles p.ndjson
                      sobre simulate --policy strict.yaml --against none \\
                        --profiles p.ndjson r.ndjson

            Status: 0 simulated, 1 some lines were left out, 78 a mistake in a policy.
            """)

    @Option(help: ArgumentHelp("The policy to try.", valueName: "file"))
    var policy: String

    @Option(
        help: ArgumentHelp(
            "The policy to compare with, or none: everything is sent. Default: the policy in force.",
            valueName: "file|none"))
    var against: String?

    @Option(help: ArgumentHelp("Profiles of the recipients, as sobre profiles import reads them.", valueName: "file"))
    var profiles: String?

    @Option(
        help: ArgumentHelp(
            "The zone of recipients without a profile. Default: the policy's zone.", valueName: "zone")
    )
    var timezone: String?

    @Option(
        help: ArgumentHelp(
            "Count only requests from this time on; earlier ones fill the caps. 1997-01-03, an RFC 3339 time, or 7d ago.",
            valueName: "time"))
    var from: String?

    @Option(help: ArgumentHelp("Leave out requests from this time on.", valueName: "time"))
    var to: String?

    @Option(help: ArgumentHelp("List this many of the people with the most changes.", valueName: "number"))
    var people = 5

    @Argument(
        help: ArgumentHelp("An NDJSON file of requests, or -. Default: the recorded requests.", valueName: "file"))
    var file: String?

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard (0...10_000).contains(people) else { throw ValidationError("--people must be from 0 to 10000.") }
        for (name, text) in [("--from", from), ("--to", to)] {
            guard let text, TextTime.parse(text, now: .epoch) == nil else { continue }
            throw ValidationError(
                "\(name) is not a time: \(text). Write 1997-01-03, 1997-01-03T09:00:00Z, 30m, 2h or 7d.")
        }
        if let timezone, !ZoneCatalogue.system.isKnown(timezone) {
            throw ValidationError("There is no time zone \(timezone). Write an IANA name such as Europe/Paris.")
        }
        if file == nil, profiles != nil || timezone != nil {
            throw ValidationError(
                "--profiles and --timezone need a file of requests; recorded requests use the stored profiles.")
        }
    }

    func run() async throws {
        let after = try SimulatedPolicy(file: FilePath.resolve(policy, from: FilePath.working))
        let input: SimulationInput
        if let file {
            let settings = try settings.load()
            let before = try await SimulatedPolicy.against(against, settings: settings, history: nil)
            input = try .file(
                file, profiles: profiles, timezone: timezone, settings: settings, before: before, after: after)
        } else {
            let access = try settings.access()
            input = try await access.read { reader in
                let before = try await SimulatedPolicy.against(against, settings: access.settings, history: reader)
                return try await .recorded(reader, settings: access.settings, before: before, after: after)
            }
        }
        guard input.log.count > 0 else {
            throw CommandFailure(
                input.leftOut > 0 ? .negative : .noInput,
                "\(file.map { "\($0) holds" } ?? "The data directory holds") no requests.")
        }
        let now = SystemTime().now()
        let report = await input.replayed(
            from: from.flatMap { TextTime.parse($0, now: now) }, to: to.flatMap { TextTime.parse($0, now: now) },
            naming: people)
        switch output.format {
        case .json: Console.print(bytes: report.json())
        case .text: Console.print(SimulationView(report, terminal: output.terminal).lines())
        }
        if input.leftOut > 0 { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}
