internal import SobreDelivery
internal import SobreModel
internal import SobreSettings

/// A provider of SMS whose sender depends on the country of the recipient's number.
struct SenderProvider: Provider {
    private let provider: any Provider
    private let rules: [SenderRule]
    /// The sender of the instance's settings, for messages whose template has none.
    private let usual: String?

    /// - Parameters:
    ///   - provider: sends the messages.
    ///   - rules: the sender by destination.
    ///   - usual: the sender of the instance's settings.
    /// - Throws: ``ProviderError`` when the provider is not one of SMS.
    init(_ provider: any Provider, rules: [SenderRule], usual: String?) throws(ProviderError) {
        guard provider.channel.form == .text else {
            throw .badSetting(
                instance: provider.name, name: "senders", problem: "it is for SMS, not for \(provider.channel)")
        }
        self.provider = provider
        self.rules = rules
        self.usual = usual
    }

    var name: String { provider.name }
    var channel: Channel { provider.channel }
    var preparesAhead: Bool { provider.preparesAhead }

    func refusal(of content: RenderedMessage) -> Outcome? { provider.refusal(of: content) }

    func refusal(of content: RenderedMessage, to address: Address) -> Outcome? {
        guard case .sms(let sms) = content, let rule = rules.rule(for: address.value) else {
            return provider.refusal(of: content, to: address)
        }
        let from = rule.from ?? sms.from ?? usual
        if !rule.allowsAlphanumeric, let from, SenderKind.alphanumeric.matches(from) {
            let country = CallingCodes.country(of: address.value) ?? "this destination"
            return Outcome(
                .senderRejected,
                detail:
                    "\(name) may not send to \(country) from a name, and the sender is \(from); give a number or short code "
                    + "for it under providers.\(name).senders")
        }
        return provider.refusal(of: Self.content(sms, from: rule), to: address)
    }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        var outbound = outbound
        if case .sms(let sms) = outbound.content, let rule = rules.rule(for: outbound.address.value) {
            outbound.content = Self.content(sms, from: rule)
        }
        provider.send(outbound, over: transport, completion: completion)
    }

    private static func content(_ sms: SMSContent, from rule: SenderRule) -> RenderedMessage {
        var sms = sms
        sms.from = rule.from ?? sms.from
        return .sms(sms)
    }
}
