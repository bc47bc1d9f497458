public import SobreDelivery
public import SobreModel

/// A provider described by a manifest, with the settings of one instance. It is a class because every running call
/// retains it.
public final class ManifestProvider: Provider {
    public let name: String
    public let channel: Channel
    let manifest: Manifest
    let binding: ManifestBinding
    let time: any TimeSource
    let timeout: Duration?
    /// The sender of messages whose template names none; nil: there is none.
    let settingsSender: String?

    init(
        name: String, channel: Channel, manifest: Manifest, binding: ManifestBinding, time: any TimeSource,
        timeout: Duration?, settingsSender: String?
    ) {
        self.name = name
        self.channel = channel
        self.manifest = manifest
        self.binding = binding
        self.time = time
        self.timeout = timeout
        self.settingsSender = settingsSender
    }

    public func refusal(of content: RenderedMessage) -> Outcome? {
        guard content.channel == channel else {
            return Outcome(.contentRejected, detail: "\(name) serves \(channel), not \(content.channel)")
        }
        return refusal(of: content, manifest.capabilities)
    }

    /// Checks the content against the manifest's capabilities. Each limit applies only to content that has the limited
    /// field.
    private func refusal(of content: RenderedMessage, _ capabilities: ProviderCapabilities) -> Outcome? {
        if case .email(let email) = content, !capabilities.takesAttachments, !email.attachments.isEmpty {
            return Outcome(.contentRejected, detail: "\(name) does not support attachments")
        }
        if let limit = capabilities.maxText, let text = content.text(.text), text.utf8.count > limit,
            text.utf16.count > limit
        {
            return Outcome(
                .contentTooLarge, detail: "the text has \(text.utf16.count) characters; \(name) allows at most \(limit)"
            )
        }
        if !capabilities.senders.isEmpty, let from = content.text(.from),
            !capabilities.senders.contains(where: { $0.matches(from) })
        {
            let kinds = capabilities.senders.map(\.rawValue).sorted().joined(separator: ", ")
            return Outcome(.contentRejected, detail: "the sender is not of a kind that \(name) accepts: \(kinds)")
        }
        guard let limit = capabilities.maxPayload else { return nil }
        var body: [UInt8] = []
        appendBody(RequestEvaluator(outbound: .placeholder(for: content), binding: binding, now: .epoch), to: &body)
        return body.count <= limit ? nil : Self.tooLarge(name, body.count, limit)
    }

    static func tooLarge(_ name: String, _ bytes: Int, _ limit: Int) -> Outcome {
        Outcome(.contentTooLarge, detail: "the message has \(bytes) bytes; \(name) allows at most \(limit)")
    }

    public func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        let allowed = min(timeout ?? outbound.timeout, outbound.timeout)
        guard let tokens = binding.tokens else {
            return dispatch(outbound, nil, timeout: allowed, over: transport, completion: completion)
        }
        let started = ContinuousClock.now
        tokens.token(over: transport, timeout: allowed) { answer in
            switch answer {
            case .refused(let outcome): completion(outcome)
            case .token(let token):
                let left = allowed - (ContinuousClock.now - started)
                guard left > .milliseconds(100) else {
                    return completion(Outcome(.transient, detail: "the access token arrived too late for this attempt"))
                }
                self.dispatch(outbound, token, timeout: left, over: transport, completion: completion)
            }
        }
    }

    private func dispatch(
        _ outbound: OutboundMessage, _ token: TokenCache.Token?, timeout: Duration, over transport: any Transport,
        completion: @escaping @Sendable (Outcome) -> Void
    ) {
        switch request(for: outbound, token: token?.text, timeout: timeout, now: time.now()) {
        case .refused(let outcome): completion(outcome)
        case .call(let call):
            let address = outbound.address.value
            let senderIsSetting = senderIsSetting(of: outbound.content)
            transport.call(call) { answer in
                var outcome = self.outcome(of: answer, token: token, address: address)
                if outcome.kind.proof != .sent { outcome.detail = self.binding.masked(outcome.detail) }
                // A refused sender that all messages share is a refused setting.
                if outcome.kind == .senderRejected, senderIsSetting { outcome.kind = .configuration }
                completion(outcome)
            }
        }
    }

    /// Whether the message has the sender of the settings, or the provider's own, and not one that its template names.
    private func senderIsSetting(of content: RenderedMessage) -> Bool {
        if case .email(let email) = content {
            return email.from.address.isEmpty || email.from.address == settingsSender
        }
        guard let from = content.text(.from), !from.isEmpty else { return true }
        return from == settingsSender
    }

    private func outcome(of answer: HTTPAnswer, token: TokenCache.Token?, address: String) -> Outcome {
        switch answer {
        case .failure(let fault): return Outcome(fault: fault)
        case .response(let status, let headers, let body):
            var outcome = manifest.response.outcome(
                status: status, headers: headers, body: body, address: address, now: time.now())
            guard let token, let tokens = binding.tokens, case .oauth2(let plan) = manifest.auth else { return outcome }
            if outcome.kind == plan.refreshOn {
                if !tokens.rejected(token) { outcome.kind = .auth }
            } else if outcome.kind.proof == .sent {
                tokens.accepted(token)
            }
            return outcome
        }
    }
}
