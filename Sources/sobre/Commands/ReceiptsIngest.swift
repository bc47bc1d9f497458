import ArgumentParser
import Files
import JSON
import SobreModel
import SobreNode
import SobreProviders
import SobreSettings
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre receipts ingest`.
struct ReceiptsIngest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Read bounces and complaints that arrived as emails.",
        usage: "sobre receipts ingest [<options>] <source> ...",
        discussion: """
            A source is an mbox file, a file with one email, a Maildir, a folder with one email a file, or - for one email \
            or an mbox on standard input. Of a Maildir, the new emails are read and become old ones; of other sources \
            nothing is changed. The same email twice is one receipt.

            Only a mailbox that does not exist, and a complaint, suppress the address. Emails that are neither a bounce \
            nor a complaint are kept for a person to read: sobre inbound.

            Example:  sobre receipts ingest /var/mail/bounces
                      sobre receipts ingest --provider relay ~bounces/Maildir
                      sobre receipts ingest --check --format json bounce.eml
            """)

    @Argument(help: "An mbox file, a file with one email, a Maildir, a folder, or - for standard input.")
    var source: [String]

    @Option(
        help: ArgumentHelp("The smtp provider whose emails come back. Needed if there are several.", valueName: "name"))
    var provider: String?

    @Flag(help: "Only say what the emails mean. Nothing is written, and no server is needed.")
    var check = false

    @Flag(help: "Of a Maildir, read the old emails too.")
    var all = false

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func validate() throws {
        guard !source.isEmpty else { throw ValidationError("Name a file, a folder, or - for standard input.") }
    }

    func run() async throws {
        let access = try settings.access()
        var summary = MailSummary(format: output.format)
        let reader = try self.reader(access)
        let maxBytes = access.settings.receipts.maxMailBytes
        if check {
            for source in source {
                try await MailSource(source, readsOld: all).forEachMail(atMost: maxBytes) { name, mail in
                    summary.add(name, reader.read(mail), nil)
                    return false
                }
            }
        } else {
            let name = try providerName(access)
            try await access.change { backend in
                for source in source {
                    try await MailSource(source, readsOld: all).forEachMail(atMost: maxBytes) { file, mail in
                        let intake = try await backend.ingest(mail: mail, through: access, provider: name)
                        summary.add(file, reader.read(mail), intake)
                        return true
                    }
                }
            }
        }
        summary.finish()
    }

    private func providerName(_ access: StoreAccess) throws -> String {
        if let provider { return provider }
        let known = access.mailProviders
        guard known.count == 1 else {
            throw ValidationError(
                known.isEmpty
                    ? "The settings have no provider of the type smtp."
                    : "The settings have several providers of the type smtp. Add --provider with one of \(known.joined(separator: ", "))."
            )
        }
        return known[0]
    }

    /// Says what an email means. Without a provider, tokens of return paths are not verified.
    private func reader(_ access: StoreAccess) throws -> MailReportReader {
        let name = provider ?? (access.mailProviders.count == 1 ? access.mailProviders[0] : nil)
        // A running server has the keys; this process may not.
        let gate = check ? try name.map { try access.mailGate(of: $0) } : nil
        return gate?.mailReader ?? MailReportReader(maxBytes: access.settings.receipts.maxMailBytes)
    }
}
