import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

/// Carries out an order to retry or cancel what matches a filter, with progress, and shows what it did.
struct StateOrderRun {
    let order: StateOrder
    let output: FormatOptions

    /// The number of messages in one call.
    private static let part = 1_000

    /// Carries the order out, part by part.
    ///
    /// - Parameter access: the server if one runs, else the data.
    /// - Returns: what was done.
    /// - Throws: an error that says what was done before it, and that the command can be run again.
    func run(in access: StoreAccess) async throws -> StateOrderStep {
        if let objection = order.objection {
            throw ValidationError(objection.replacing("repeat_unknown", with: "--repeat-unknown"))
        }
        let sum = try await access.change { backend in
            var sum = StateOrderStep()
            let title = order.isDryRun ? "Counting" : order.action == .retry ? "Queuing" : "Cancelling"
            var progress = ProgressBar(title, total: nil)
            repeat {
                do {
                    sum.add(try await backend.carryOut(order, after: sum.next, limit: Self.part))
                } catch {
                    progress.clear()
                    if sum.changed > 0 {
                        Console.printError(
                            "\(sum.changed) deliveries were changed before the error. Run the command again: it goes on with the others."
                        )
                    }
                    throw error
                }
                progress.update(sum.matched, note: "\(sum.matched)")
            } while sum.next != nil
            progress.clear()
            return sum
        }
        switch output.format {
        case .text: Console.print(lines(sum))
        case .json:
            var writer = JSONWriter(indentation: 2)
            Wire.write(sum, of: order, to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        }
        return sum
    }

    private func lines(_ sum: StateOrderStep) -> [String] {
        var lines: [String] = []
        if !sum.groups.isEmpty {
            var table = Table([
                Table.Column("state"), Table.Column("channel"), Table.Column("campaign", shrinksTo: 10),
                Table.Column("reason", shrinksTo: 10), Table.Column("count", alignsRight: true),
            ])
            for (group, count) in sum.groups.sorted(by: { ($1.value, "\($0.key)") < ($0.value, "\($1.key)") }) {
                table.add([
                    .init(group.state.description, group.state.style), .init(group.channel?.description ?? "-"),
                    .init(group.campaign ?? "-"), .init(group.reason.isEmpty ? "-" : group.reason), .init("\(count)"),
                ])
            }
            lines = table.lines(for: output.terminal) + [""]
        }
        let verb = order.action == .retry ? "queued again" : "cancelled"
        lines.append("\(sum.matched) deliveries match, \(sum.changed) \(order.isDryRun ? "would be" : "were") \(verb).")
        if let count = sum.results[.mayHaveBeenSent] {
            lines.append("\(count) may have been sent and are left alone (--repeat-unknown sends them again).")
        }
        if let count = sum.results[.notPossible] {
            lines.append("\(count) are left alone: their message was cancelled, or its recipient was erased.")
        }
        if let count = sum.results[.changedMeanwhile] { lines.append("\(count) changed meanwhile and are left alone.") }
        if order.isDryRun, sum.changed > 0 { lines.append("Nothing was changed. Without --dry-run it is done.") }
        return lines
    }
}
