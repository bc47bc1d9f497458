import ArgumentParser
import SobreModel
import SobreNode
import SobreSettings
import SobreViews
import TerminalOutput

/// `sobre retry`.
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try messages again that have failed. What has not failed does not change.",
        discussion: """
            Each failed delivery is queued as if it were new: every rule decides again, a suppressed address stays suppressed, and \
            an expired message expires. Shows the state of each delivery afterwards. Goes through the server when one runs.

            Example:  sobre retry 01jd3v8k6m1r0
                      sobre retry - < ids-of-failed-messages.txt

            Status: 0 something of each message is tried again, 1 one was not found, or has not failed.
            """)

    @Argument(help: "The ids of messages, or of deliveries of them; - reads them from standard input, one a line.")
    var ids: [String]

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let all = ids.flatMap { $0 == "-" ? Self.standardInput() : [$0] }
        let results = try await DeliveryStates.change(all, in: settings.access()) { try await $0.retry($1) }
        switch output.format {
        case .text: Console.print(results.flatMap { $0.lines(for: output.terminal, remark: Self.remark) })
        case .json: Console.print(bytes: DeliveryStates.json(results))
        }
        let isQueued = results.allSatisfy { $0.any { $0 == DeliveryState.queued.description } }
        if !isQueued { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    private static func remark(_ state: DeliveryState?) -> String {
        switch state {
        case .queued?: ""
        case .failed?: "not tried again: its message was cancelled, or its recipient was erased"
        default: "has not failed"
        }
    }

    private static func standardInput() -> [String] {
        var lines: [String] = []
        while let line = readLine() {
            let id = line.filter { !$0.isWhitespace }
            if !id.isEmpty { lines.append(id) }
        }
        return lines
    }
}
