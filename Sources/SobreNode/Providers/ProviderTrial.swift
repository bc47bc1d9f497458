public import SobreDelivery
public import SobreModel
import SobreRendering
public import SobreSettings

/// Sends one message by one configured provider, with the code and the transport of the dispatcher. Nothing is decided
/// and nothing is recorded.
public struct ProviderTrial {
    public struct Result: Sendable {
        public let outcome: Outcome
        /// Our reference of the message, which receipts name.
        public let delivery: DeliveryID
        public let duration: Duration
    }

    private let settings: Settings
    private let provider: any Provider

    /// - Parameters:
    ///   - settings: the timeouts, and the senders of messages.
    ///   - provider: the provider to try.
    public init(settings: Settings, provider: any Provider) {
        self.settings = settings
        self.provider = provider
    }

    /// Sends a message to an address.
    ///
    /// - Parameters:
    ///   - value: an email address, a phone number or a device token, as the channel has them.
    ///   - platform: of a device token: `android`, `ios` or `web`.
    ///   - text: the words of the message.
    /// - Returns: what the provider answered.
    /// - Throws: `SettingsError` when the message would have no sender.
    public func send(to value: String, platform: String?, text: String) async throws -> Result {
        let content = try content(text)
        let delivery = Self.reference()
        let address = Address(channel: provider.channel, value: value, platform: platform)
        let outbound = OutboundMessage(
            delivery: delivery, attempt: 1, address: address, content: content, recipient: "", campaign: nil,
            category: "transactional", possibleDuplicate: false, admittedAt: SystemTime().now(),
            timeout: settings.dispatch.attemptTimeout)
        if let refusal = provider.refusal(of: content, to: address) {
            return Result(outcome: refusal, delivery: delivery, duration: .zero)
        }
        let connections = ProviderConnections(settings, carrying: 1)
        let started = ContinuousClock.now
        let outcome = await withCheckedContinuation { continuation in
            provider.send(outbound, over: connections.transport) { continuation.resume(returning: $0) }
        }
        let duration = ContinuousClock.now - started
        await connections.shutdown()
        return Result(outcome: outcome, delivery: delivery, duration: duration)
    }

    private func content(_ text: String) throws -> RenderedMessage {
        let sender = settings.sender[provider.channel]
        switch provider.channel {
        case .email:
            guard let from = sender.flatMap({ Mailbox(parsing: $0) }) else {
                throw SettingsError("A trial by email needs a sender; set sender.email.")
            }
            return .email(
                EmailContent(
                    from: from, replyTo: settings.sender.replyTo.flatMap { Mailbox(parsing: $0) }, subject: text,
                    text: text + "\n"))
        case .sms: return .sms(SMSContent(from: sender, text: text))
        case .push: return .push(PushContent(title: "Sobre", body: text))
        case .whatsapp: return .whatsapp(ChatContent(from: sender, text: text))
        case .chat: return .chat(PostContent(text: text))
        }
    }

    /// A reference that no message has: ids of messages are made from the time and a small number, and this one has a
    /// large random one in its place.
    private static func reference() -> DeliveryID {
        var ids = MessageIDGenerator(after: nil)
        let first = ids.next(at: SystemTime().now())
        return MessageID(rawValue: first.rawValue | Int64.random(in: (1 << 19)..<(1 << 21))).delivery(0)
    }
}
