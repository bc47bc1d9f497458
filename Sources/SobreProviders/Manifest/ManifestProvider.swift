public import SobreDelivery
public import SobreModel

/// A provider described by a manifest, with the settings of one instance. It is a class because every running call
/// retains it.
public final class ManifestProvider: Provider {
    public let name: String
    public let channel: Channel
    public var preparesAhead: Bool { true }
    let manifest: Manifest
    /// Whether the provider sends email itself. An endpoint that takes every channel gets messages as they are.
    let isMail: Bool
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
        isMail = manifest.channels == Channel.withMail
        self.binding = binding
        self.time = time
        self.timeout = timeout
        self.settingsSender = settingsSender
    }

    public func send(
        _ original: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        let allowed = min(timeout ?? original.timeout, original.timeout)
        let outbound: OutboundMessage
        switch addressed(original) {
        case .refused(let outcome): return completion(outcome)
        case .message(let message): outbound = message
        }
        withToken(over: transport, timeout: allowed) { answer in
            switch answer {
            case .refused(let outcome): completion(outcome)
            case .ready(let token, let left):
                self.dispatch(outbound, token, timeout: left, over: transport, completion: completion)
            }
        }
    }

    /// What a request needs before it is made.
    enum TokenAnswer: Sendable {
        /// The token, if there is one, and the time that is left for the request.
        case ready(IssuedToken?, timeout: Duration)
        case refused(Outcome)
    }

    /// Gets the token that a request needs.
    ///
    /// - Parameters:
    ///   - transport: asks for a token where there is no valid one.
    ///   - timeout: the longest time for the token and the request.
    ///   - completion: called once, on any thread.
    func withToken(
        over transport: any Transport, timeout: Duration, completion: @escaping @Sendable (TokenAnswer) -> Void
    ) {
        if case .jwt(let credential, _) = binding.credential {
            do { return completion(.ready(try credential.token(at: time.now()), timeout: timeout)) } catch {
                return completion(
                    .refused(Outcome(.auth, detail: Redaction.line("the request cannot be signed: \(error)"))))
            }
        }
        guard let cache = binding.credential.cache else { return completion(.ready(nil, timeout: timeout)) }
        let started = ContinuousClock.now
        cache.token(over: transport, timeout: timeout) { answer in
            switch answer {
            case .refused(var outcome):
                outcome.detail = self.binding.masked(outcome.detail, token: nil)
                completion(.refused(outcome))
            case .token(let token):
                let left = timeout - (ContinuousClock.now - started)
                guard left > Self.leastTime else {
                    return completion(
                        .refused(Outcome(.transient, detail: "the access token arrived too late for this attempt")))
                }
                completion(.ready(token, timeout: left))
            }
        }
    }

    /// A call that has less time left is not begun.
    private static let leastTime = Duration.milliseconds(100)

    private func dispatch(
        _ outbound: OutboundMessage, _ token: IssuedToken?, timeout: Duration, over transport: any Transport,
        completion: @escaping @Sendable (Outcome) -> Void
    ) {
        switch request(for: outbound, token: token?.text, timeout: timeout, now: time.now()) {
        case .refused(let outcome): completion(outcome)
        case .call(let call):
            let started = ContinuousClock.now
            transport.call(call) { answer in
                let outcome = self.outcome(of: answer, token: token, outbound: outbound)
                guard outcome.kind == .ambiguous, self.manifest.idempotency.isRepeated else {
                    return completion(outcome)
                }
                var again = call
                again.timeout = timeout - (ContinuousClock.now - started)
                guard again.timeout > Self.leastTime else { return completion(outcome) }
                transport.call(again) { answer in
                    let second = self.outcome(of: answer, token: token, outbound: outbound)
                    completion(Self.settles(second.kind) ? second : outcome)
                }
            }
        }
    }

    /// Whether the answer to a repeated request tells what became of the first one: the provider has the message, or
    /// would have rejected it then too.
    private static func settles(_ kind: Outcome.Kind) -> Bool {
        switch kind.proof {
        case .sent: true
        case .unknown: false
        case .notSent: !kind.isRetryable && kind != .permanentUnknown
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

    private func outcome(of answer: HTTPAnswer, token: IssuedToken?, outbound: OutboundMessage) -> Outcome {
        var outcome: Outcome
        switch answer {
        case .failure(let fault): outcome = Outcome(fault: fault)
        case .response(let status, let headers, let body):
            outcome = manifest.response.outcome(
                status: status, headers: headers, body: body, address: outbound.address.value, now: time.now())
            if let token, let keeper = binding.credential.keeper {
                if outcome.kind == manifest.auth.refreshOn {
                    if !keeper.rejected(token) { outcome.kind = .auth }
                } else if outcome.kind.proof == .sent {
                    keeper.accepted(token)
                }
            }
        }
        if outcome.kind.proof != .sent {
            outcome.detail = binding.masked(outcome.detail, token: binding.credential.isRecipe ? nil : token?.text)
        }
        // A refused sender that all messages share is a refused setting.
        if outcome.kind == .senderRejected, senderIsSetting(of: outbound.content) { outcome.kind = .configuration }
        return outcome
    }
}
