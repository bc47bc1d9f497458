internal import Glibc
public import SobreDelivery
public import SobreModel

/// Writes each message to a separate file, for testing, for archives, and for other programs to process.
///
/// A file appears completely or not at all: it is written under another name and then renamed. Its name contains the
/// delivery and the attempt, so that a repeated attempt replaces its own file. Only the owner can access the files
/// (0600). They are as durable as the system's cache: a power failure can lose a file that was already recorded as
/// sent. Files are never removed here.
public struct FileProvider: Provider {
    /// How a message is written.
    public enum Format: String, CaseIterable, Sendable {
        /// The email as it would be sent on the wire (RFC 5322). For email only.
        case eml
        /// One JSON object.
        case json
    }

    public let name: String
    public let channel: Channel
    let directory: String
    let format: Format
    let builder: MailBuilder

    /// - Parameters:
    ///   - name: the provider's name in routes and logs.
    ///   - channel: the channel whose messages it writes.
    ///   - directory: an existing folder that this process can write to.
    ///   - format: how messages are written; ``Format/eml`` is for email only.
    ///   - builder: builds the emails of ``Format/eml``.
    public init(name: String, channel: Channel, directory: String, format: Format, builder: MailBuilder = MailBuilder())
    {
        self.name = name
        self.channel = channel
        self.directory = directory
        self.format = format
        self.builder = builder
    }

    public func refusal(of content: RenderedMessage) -> Outcome? {
        guard content.channel == channel else {
            return Outcome(.contentRejected, detail: "\(name) serves only \(channel)")
        }
        guard format == .eml, case .email(let email) = content else { return nil }
        return builder.problem(in: email).map(SMTPProvider.outcome(of:))
    }

    /// Writes the file before it returns. This takes microseconds on a local disk, so a network folder needs another
    /// solution.
    public func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        do {
            let file = "\(outbound.delivery)-\(outbound.attempt).\(format.rawValue)"
            completion(write(try bytes(of: outbound), as: file))
        } catch {
            completion(SMTPProvider.outcome(of: error))
        }
    }

    private func bytes(of outbound: OutboundMessage) throws(MailError) -> [UInt8] {
        if format == .eml, case .email(let email) = outbound.content { return try builder.build(email, for: outbound) }
        return OutboundMessageJSON.bytes(of: outbound)
    }

    private func write(_ bytes: [UInt8], as file: String) -> Outcome {
        let path = "\(directory)/\(file)"
        let draft = "\(directory)/.\(file).part"
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return failure("open") }
        var done = 0
        while done < bytes.count {
            let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let outcome = failure("write")
                close(descriptor)
                unlink(draft)
                return outcome
            }
            done += count
        }
        guard close(descriptor) == 0, rename(draft, path) == 0 else {
            let outcome = failure("finish")
            unlink(draft)
            return outcome
        }
        return Outcome(.accepted, providerID: file)
    }

    /// Nothing is left in the folder, so nothing was sent. Full disks and missing permissions wait for an operator.
    private func failure(_ step: String) -> Outcome {
        let number = errno
        let words = "cannot \(step) a file in \(directory): \(String(cString: strerror(number)))"
        let isPassing = number == EIO || number == EMFILE || number == ENFILE || number == ENOMEM
        return Outcome(isPassing ? .transient : .configuration, detail: words)
    }
}
