public import SobreDelivery
public import SobreModel

/// Sends emails to one relay: builds the MIME, lets the transport run the SMTP session, interprets the reply.
public struct SMTPProvider: Provider {
    public let name: String
    public var channel: Channel { MailBuilder.channel }
    public var preparesAhead: Bool { true }
    let relay: MailRelay
    let builder: MailBuilder
    /// The envelope sender, which receives bounces; nil means the From address.
    let returnPath: ReturnPath?
    /// The longest time of one SMTP session; nil means the message's own limit.
    let timeout: Duration?
    /// The address that templates without a sender of their own send from; nil: there is none.
    let settingsSender: String?
    /// Provides access tokens for the login; nil: it is by password, or there is none.
    let tokens: TokenCache?

    public init(
        name: String, relay: MailRelay, builder: MailBuilder = MailBuilder(), returnPath: ReturnPath? = nil,
        timeout: Duration? = nil, settingsSender: String? = nil
    ) {
        self.init(
            name: name, relay: relay, builder: builder, returnPath: returnPath, timeout: timeout,
            settingsSender: settingsSender, tokens: nil)
    }

    init(
        name: String, relay: MailRelay, builder: MailBuilder, returnPath: ReturnPath?, timeout: Duration?,
        settingsSender: String?, tokens: TokenCache?
    ) {
        self.name = name
        self.relay = relay
        self.builder = builder
        self.returnPath = returnPath
        self.timeout = timeout
        self.settingsSender = settingsSender
        self.tokens = tokens
    }

    public func refusal(of content: RenderedMessage) -> Outcome? {
        guard case .email(let email) = content else {
            return Outcome(.contentRejected, detail: "\(name) serves only email")
        }
        return builder.problem(in: email).map(Self.outcome(of:))
    }

    public func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        guard case .email(let email) = outbound.content else {
            return completion(Outcome(.contentRejected, detail: "\(name) serves only email"))
        }
        do {
            let data = try builder.build(email, for: outbound)
            let sender =
                returnPath?.sender(for: outbound.delivery)
                ?? MailAddressGrammar.wire(builder.from(of: email).address)
            let call = MailCall(
                relay: relay, from: sender,
                recipient: MailAddressGrammar.wire(outbound.address.value), data: data,
                timeout: min(timeout ?? outbound.timeout, outbound.timeout), mayBegin: outbound.mayBegin)
            let recipient = outbound.address.value
            let fromIsSetting = email.from.address.isEmpty || email.from.address == settingsSender
            let senderIsSetting = returnPath != nil || fromIsSetting
            @Sendable func outcome(of answer: MailAnswer) -> Outcome {
                Self.outcome(
                    of: answer, recipient: recipient, senderIsSetting: senderIsSetting, fromIsSetting: fromIsSetting)
            }
            guard let tokens else {
                return transport.mail(call) { answer in completion(outcome(of: answer)) }
            }
            tokens.withToken(over: transport, timeout: call.timeout) { answer in
                switch answer {
                case .refused(let refusal): completion(refusal)
                case .token(let token, let left):
                    var call = call
                    call.relay.bearer = token.text
                    call.timeout = left
                    transport.mail(call) { answer in
                        completion(tokens.judge(answer, outcome(of: answer), token))
                    }
                }
            }
        } catch {
            completion(Self.outcome(of: error))
        }
    }

    /// The outcome of an email that could not be built.
    static func outcome(of error: MailError) -> Outcome {
        switch error {
        case .recipient: Outcome(.recipientInvalid, detail: error.description)
        case .tooLarge: Outcome(.contentTooLarge, detail: error.description)
        // A key that does not sign concerns every email of its domain.
        case .signature: Outcome(.configuration, detail: error.description)
        default: Outcome(.contentRejected, detail: error.description)
        }
    }
}
