import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreStore
import SobreWire
import TerminalOutput

/// `sobre receipts replay`.
struct ReceiptsReplay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Apply kept receipts once more.",
        usage: "sobre receipts replay [<id> ...] [<options>]",
        discussion: """
            For receipts that arrived while their message was not known, such as before data were restored. Receipts are \
            not verified again. One that had its effect has none again, so a replay can be repeated. Receipts are kept for \
            receipts.keep; anonymous ones cannot be replayed.

            A dry run judges each part of receipts.batch receipts on its own: a second report of the same event in a later \
            part counts again.

            Example:  sobre receipts replay --unmatched --dry-run
                      sobre receipts replay --provider twilio --since 2d
                      sobre receipts replay 81 82
            """)

    @OptionGroup var which: ReceiptFilterOptions

    @Flag(help: "All kept receipts. Needed where no other option narrows them down.")
    var all = false

    @Flag(help: "Change nothing, and show what would be changed.")
    var dryRun = false

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        let filter = try which.filter(now: .epoch)
        guard all == filter.isEmpty else {
            throw ValidationError(
                all
                    ? "--all means all receipts; leave out the other options."
                    : "Say which receipts: an id, --provider, --since, --until, --unmatched, or --all.")
        }
    }

    func run() async throws {
        let filter = try which.filter(now: SystemTime().now())
        let access = try settings.access()
        let total = try await access.change { backend in
            var part = try await backend.replay(filter, after: nil, isDryRun: dryRun, through: access)
            var total = part.replay
            var bar = ProgressBar(dryRun ? "judging receipts" : "replaying receipts", total: part.matching)
            while let last = part.replay.last {
                bar.update(total.examined)
                part = try await backend.replay(filter, after: last, isDryRun: dryRun, through: access)
                total.add(part.replay)
            }
            bar.clear()
            return total
        }
        if output.format == .json {
            var writer = JSONWriter()
            Wire.write(total, matching: nil, isDryRun: dryRun, to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        } else {
            Console.print(
                "\(total.examined) receipts: \(total.applied) \(dryRun ? "would be applied" : "applied"), "
                    + "\(total.unchanged) unchanged, \(total.unmatched) unmatched.")
        }
    }
}
