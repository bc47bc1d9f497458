import SobreDelivery
import SobreModel
import SobreStore

/// The bytes of messages' files, which are read when a call is about to be made.
extension Pipeline {
    enum LoadedMessage: Sendable {
        /// The message with the bytes of all its files.
        case ready(OutboundMessage)
        /// They cannot be read, and the call is not made.
        case failed(Outcome)
    }

    /// Reads the bytes of a message's files from the store.
    ///
    /// - Parameters:
    ///   - outbound: the message.
    ///   - done: called once: at once when there is nothing to read, else on another thread.
    func loadFiles(of outbound: OutboundMessage, done: @escaping @Sendable (LoadedMessage) -> Void) {
        guard case .email(let email) = outbound.content, email.attachments.contains(where: { !$0.isLoaded }) else {
            return done(.ready(outbound))
        }
        Task(executorPreference: settings.pace.executor) {
            do {
                let files = try await store.attachments(of: outbound.delivery.message)
                guard let loaded = email.loading(files) else { return done(.failed(Self.withoutFiles)) }
                var outbound = outbound
                outbound.content = .email(loaded)
                done(.ready(outbound))
            } catch {
                done(.failed(Outcome(.transient, detail: "the files cannot be read; nothing was sent: \(error)")))
            }
        }
    }

    /// The message was erased or removed since it was claimed. What becomes of it is decided anew.
    private static let withoutFiles = Outcome(
        .transient, detail: "the message's files are not there any more; nothing was sent")
}

extension OutboundMessage {
    /// Whether it is an email with attached files or images.
    var hasFiles: Bool {
        if case .email(let email) = content { return !email.attachments.isEmpty }
        return false
    }
}

extension EmailContent {
    /// The same email with the bytes of a message's files, which stand behind the template's.
    fileprivate func loading(_ files: [[UInt8]]) -> EmailContent? {
        var copy = self
        guard files.count <= attachments.count else { return nil }
        for (index, bytes) in zip(attachments.count - files.count..<attachments.count, files) {
            guard copy.attachments[index].load(bytes) else { return nil }
        }
        return copy.attachments.allSatisfy(\.isLoaded) ? copy : nil
    }
}
