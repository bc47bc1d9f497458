import ArgumentParser
import JSON
import RecordFiles
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import TerminalOutput

/// `sobre retry`.
struct Retry: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try messages again that have failed. What has not failed does not change.",
        discussion: """
            Each failed delivery is queued as if it were new: every rule decides again, a suppressed address stays suppressed, and \
            an expired message expires. What a provider may have accepted is left alone. Goes through the server when one runs.

            By ids it shows the state of each delivery afterwards. Standard input is read and tried again in parts, so it may be \
            of any length. By conditions it queues every failed delivery that matches all of them, in steps, and shows how many; \
            --dry-run only counts. --state dropped queues what a rule has dropped. A run that was interrupted can be repeated.

            Example:  sobre retry 01jd3v8k6m1r0
                      sobre retry - < ids-of-failed-messages.txt
                      sobre retry --provider relay --since 2h --dry-run

            Status: 0 something of each message is tried again, 1 one was not found, or has not failed.
            """)

    @Argument(help: "The ids of messages, or of deliveries of them; - reads them from standard input, one a line.")
    var ids: [String] = []

    @OptionGroup(title: "Conditions, in place of ids") var filter: StateFilterOptions
    @OptionGroup var order: StateOrderOptions

    @Flag(help: "Also send again what may have been sent (state unknown). Recipients may get it twice.")
    var repeatUnknown = false

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        try order.check(ids, filter)
        if repeatUnknown, !ids.isEmpty { throw ValidationError("--repeat-unknown needs conditions, not ids.") }
    }

    func run() async throws {
        try await order.asAuthor { try await carryOut() }
    }

    private func carryOut() async throws {
        let access = try settings.access()
        if let filter = try filter.filter(now: SystemTime().now()) {
            let order = StateOrder(.retry, filter, isDryRun: order.dryRun, repeatsUnknown: repeatUnknown)
            let sum = try await StateOrderRun(order: order, output: output).run(in: access)
            if sum.changed < sum.matched { throw ExitCode(ExitStatus.negative.rawValue) }
            return
        }
        let given = ids.filter { $0 != "-" }
        var areQueued = given.isEmpty ? true : try await retry(given, in: access)
        if ids.contains("-") {
            let feed = try NDJSONInput("-", maxLineBytes: access.settings.intake.maxKeyBytes)
            while let lines = try feed.next() {
                let isBatchQueued = try await retry(Self.ids(in: lines), in: access)
                areQueued = areQueued && isBatchQueued
            }
        }
        if !areQueued { throw ExitCode(ExitStatus.negative.rawValue) }
    }

    /// Tries messages again and shows what became of them.
    ///
    /// - Parameters:
    ///   - ids: the ids of messages, or of deliveries of them.
    ///   - access: the server if one runs, else the data.
    /// - Returns: whether something of each message is tried again.
    /// - Throws: an error that names the id that is none, before anything is changed.
    private func retry(_ ids: [String], in access: StoreAccess) async throws -> Bool {
        let results = try await DeliveryStates.change(ids, in: access) { try await $0.retry($1) }
        switch output.format {
        case .text: Console.print(results.flatMap { $0.lines(for: output.terminal, remark: Self.remark) })
        case .json: Console.print(bytes: DeliveryStates.json(results))
        }
        return results.allSatisfy { $0.any { $0 == DeliveryState.queued.description } }
    }

    private static func remark(_ state: DeliveryState?) -> String {
        switch state {
        case .queued?: ""
        case .failed?: "not tried again: it was cancelled, its recipient was erased, or it may have been sent"
        default: "has not failed"
        }
    }

    /// The ids in a block of lines.
    private static func ids(in lines: NDJSONLines) throws -> [String] {
        try lines.map { line in
            guard !line.isTooLong else {
                throw ValidationError(
                    "Line \(line.number) of standard input is longer than an id. Give one id a line, as sobre logs shows it."
                )
            }
            return String(decoding: lines.bytes[line.range], as: UTF8.self).filter { !$0.isWhitespace }
        }.filter { !$0.isEmpty }
    }
}
