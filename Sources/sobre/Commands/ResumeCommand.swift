import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreWire
import TerminalOutput

/// `sobre resume`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lift pauses. What they held goes out in its order, at the providers' pace.",
        usage: "sobre resume <id> … | --all | --campaign <name> | … | --every",
        discussion: """
            The options name the pause that was ordered with the same ones. --all lifts the pause of everything, and leaves \
            other pauses; --every lifts all of them.

            Example:  sobre resume --campaign spring-sale
                      sobre resume --all
                      sobre resume 7

            Status: 0 each was lifted, 1 one is not in force.
            """)

    @Argument(help: "The numbers of pauses, as sobre pauses shows them.")
    var ids: [Int64] = []

    @Flag(help: "The pause of everything.")
    var all = false

    @Flag(help: "Every pause.")
    var every = false

    @OptionGroup var scope: DeliveryFilterOptions
    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        let isScope = try all || !scope.filter().isAll
        guard [!ids.isEmpty, isScope, every].count(where: { $0 }) == 1 else {
            throw ValidationError(
                "Say which pause: its number, --all, --campaign NAME, …, or --every. sobre pauses shows them.")
        }
        if isScope { try PauseCommand.check(scope.filter(), isAll: all) }
    }

    func run() async throws {
        let filter = try scope.filter()
        let (lifted, missing, left) = try await settings.access().change { backend in
            let pauses = try await backend.pauses().map(\.pause)
            var wanted = ids
            if every { wanted = pauses.map(\.id) }
            if all || !filter.isAll { wanted = pauses.filter { $0.filter == filter }.map(\.id) }
            var lifted: [SendingPause] = []
            for id in wanted { if let pause = try await backend.resume(id) { lifted.append(pause) } }
            let missing = wanted.filter { id in !lifted.contains { $0.id == id } }
            return (lifted, missing, try await backend.pauses())
        }
        for pause in lifted {
            if output.format == .json {
                Console.print(bytes: JSONWriter.line { Wire.write(pause, to: &$0) })
            } else {
                Console.print("Resumed \(Console.harmless("\(pause.filter)")).")
            }
        }
        for id in missing { Console.printError("There is no pause \(id). sobre pauses shows those in force.") }
        if lifted.isEmpty, missing.isEmpty, !every {
            Console.printError(
                "There is no pause of \(Console.harmless("\(filter)")). sobre pauses shows those in force.")
        }
        for status in left {
            Console.printError(
                "Still paused: \(Console.harmless(status.pause.summary)) (sobre resume \(status.pause.id)).")
        }
        if lifted.isEmpty && !every || !missing.isEmpty { throw ExitCode(ExitStatus.negative.rawValue) }
    }
}
