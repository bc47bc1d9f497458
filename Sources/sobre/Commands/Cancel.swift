import ArgumentParser
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput

/// `sobre cancel`.
struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cancel waiting messages. Messages that are in flight or have ended do not change.",
        discussion: """
            By ids it shows the state of each delivery afterwards. By conditions it cancels every waiting delivery that matches all of \
            them, in steps, and shows how many; --dry-run only counts. Goes through the server when one runs.

            Example:  sobre cancel 01jd3v8k6m1r0 01jd3v8k6m1rg
                      sobre cancel --campaign spring-sale --dry-run
                      sobre cancel --campaign spring-sale --note "wrong prices"

            Status: 0 none of them will be sent, 1 one was not found, or had already gone out.
            """)

    @Argument(help: "The ids of messages, or of deliveries of them.")
    var ids: [String] = []

    @OptionGroup(title: "Conditions, in place of ids") var filter: StateFilterOptions
    @OptionGroup var order: StateOrderOptions

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws { try order.check(ids, filter) }

    func run() async throws {
        try await order.asAuthor { try await carryOut() }
    }

    private func carryOut() async throws {
        if let filter = try filter.filter(now: SystemTime().now()) {
            let order = StateOrder(.cancel, filter, isDryRun: order.dryRun)
            let sum = try await StateOrderRun(order: order, output: output).run(in: settings.access())
            if sum.changed < sum.matched { throw ExitCode(ExitStatus.negative.rawValue) }
            return
        }
        let results = try await DeliveryStates.change(ids, in: settings.access()) { try await $0.cancel($1) }
        switch output.format {
        case .text: Console.print(results.flatMap { $0.lines(for: output.terminal, remark: Self.remark) })
        case .json: Console.print(bytes: DeliveryStates.json(results))
        }
        // What was sent, may have been, or will be, is not stopped.
        let stopped: Set<String> = ["cancelled", "dropped", "expired", "failed"]
        if !results.allSatisfy({ $0.all { stopped.contains($0) } }) { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    private static func remark(_ state: DeliveryState?) -> String {
        switch state {
        case .cancelled?: ""
        case .attempting?: "in flight; its outcome will be recorded"
        case .unknown?: "the outcome is unknown; it is not sent again"
        case .dropped?, .expired?, .failed?: "already ended; nothing was sent"
        default: "too late: already sent"
        }
    }
}
