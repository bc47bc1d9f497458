import ArgumentParser
import JSON
import SobreClient
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre receipts`.
struct Receipts: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Receipts of providers: list, ingest bounces that arrive as emails, replay.",
        discussion: """
            Example:  sobre receipts
                      sobre receipts 01jd3v8k6m1r0
                      sobre receipts ingest /var/mail/bounces
                      sobre receipts replay --unmatched --dry-run
            """,
        subcommands: [ReceiptsList.self, ReceiptsIngest.self, ReceiptsReplay.self], defaultSubcommand: ReceiptsList.self
    )
}

/// `sobre receipts list`.
struct ReceiptsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show receipts of providers, and how many were rejected. The default.",
        usage: "sobre receipts [<id> ...] [<options>]",
        discussion: """
            Newest last, times in UTC. `applied` receipts changed the delivery. `ignored` ones reported nothing new, or something \
            that their sender may not report. `waiting` ones arrived before their message or before the outcome of its \
            attempt; `lapsed` ones waited too long. `anonymous` ones were counted without their recipient, who has not \
            consented to tracking. Rejections are counted from the start of the server.

            Example:  sobre receipts
                      sobre receipts 01jd3v8k6m1r0
                      sobre receipts list --unmatched --format json
            """)

    @OptionGroup var which: ReceiptFilterOptions

    @OptionGroup var page: PageLimitOption

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let filter = try which.filter(now: SystemTime().now())
        let access = try settings.access()
        let (rows, totals) = try await access.read { reader in
            (
                Array(try await reader.receipts(matching: filter, limit: page.limit).reversed()),
                try await reader.receiptTotals()
            )
        }
        let rejected = await Self.rejected(access)
        if output.format == .json {
            var writer = JSONWriter(indentation: 2)
            writer.object { writer in
                Wire.writeReceipts(rows, totals: totals, rejected: rejected ?? [], to: &writer)
            }
            writer.newline()
            Console.print(bytes: writer.take())
        } else {
            Console.print(lines(rows, totals, rejected))
        }
    }

    /// The rejections of the running server; nil if none runs or it does not answer.
    private static func rejected(_ access: StoreAccess) async -> [(reason: String, count: Int)]? {
        guard let server = access.server else { return nil }
        let rejected = try? await server.rejectedReceipts()
        await server.close()
        return rejected
    }

    private func lines(
        _ rows: [ReceiptRow], _ totals: [ReceiptRow.Standing: Int], _ rejected: [(reason: String, count: Int)]?
    ) -> [String] {
        let terminal = output.terminal
        var lines: [String] = []
        if !rows.isEmpty {
            var table = Table([
                Table.Column("id"), Table.Column("received"), Table.Column("message"), Table.Column("kind"),
                Table.Column("provider"),
                Table.Column("standing"), Table.Column("note", shrinksTo: 10, wraps: true),
            ])
            for row in rows {
                let subject = row.receipt.delivery?.description ?? row.receipt.providerID ?? ""
                table.add([
                    .init("\(row.id)", .quiet),
                    .init(TextTime.minuteAndSecond(row.receivedAt)), .init(subject, .quiet),
                    .init(row.receipt.kind.description), .init(row.receipt.provider),
                    .init(row.standing.description, row.standing == .lapsed ? .warning : nil),
                    .init(row.note.isEmpty ? row.receipt.detail : row.note),
                ])
            }
            lines = table.lines(for: terminal) + [""]
        }
        lines.append(
            ReceiptRow.Standing.allCases.map { "\(totals[$0] ?? 0) \($0)" }.joined(separator: ", ") + ".")
        switch rejected {
        case nil: lines.append("No server is running; rejections are counted only while one runs.")
        case let rejected? where rejected.isEmpty: lines.append("No receipts were rejected since the server started.")
        case let rejected?:
            lines.append("Rejected since the server started:")
            lines += rejected.map { "  \($0.count) × \($0.reason)" }
        }
        return lines
    }
}
