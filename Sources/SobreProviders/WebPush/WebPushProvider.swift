internal import JSON
internal import Signing
public import SobreDelivery
public import SobreModel
internal import Text

/// Sends notifications to browsers by Web Push (RFC 8030), encrypted for each (RFC 8291) and signed by VAPID (RFC 8292).
public final class WebPushProvider: Provider {
    public let name: String
    public let channel: Channel
    private let tokens: VAPIDTokens
    private let services: PushServices
    /// How long a push service keeps a notification where neither template nor message says so.
    private let timeToLive: Duration
    private let timeout: Duration?
    private let time: any TimeSource

    /// The channel that it serves.
    static let served = Channel.allCases.first { $0.form == .notification }!

    init(
        name: String, tokens: VAPIDTokens, services: PushServices, timeToLive: Duration, timeout: Duration?,
        time: any TimeSource
    ) {
        self.name = name
        channel = Self.served
        self.tokens = tokens
        self.services = services
        self.timeToLive = timeToLive
        self.timeout = timeout
        self.time = time
    }

    public func refusal(of content: RenderedMessage) -> Outcome? {
        guard case .push(let push) = content else {
            return Outcome(.contentRejected, detail: "\(name) serves only \(channel)")
        }
        if push.activity != nil {
            return Outcome(.contentRejected, detail: "\(name) has no Live Activities; send them by apns")
        }
        return tooLarge(WebPushPayload.json(of: push, for: .placeholder(for: content)))
    }

    public func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        switch call(for: outbound, at: time.now()) {
        case .refused(let outcome): completion(outcome)
        case .call(let call):
            transport.call(call) { [time] answer in
                switch answer {
                case .failure(let fault): completion(Outcome(fault: fault))
                case .response(let status, let headers, let body):
                    completion(
                        WebPushAnswers.plan.outcome(
                            status: status, headers: headers, body: body, address: outbound.address.value,
                            now: time.now()))
                }
            }
        }
    }

    /// Builds the request of a message.
    func call(for outbound: OutboundMessage, at now: Instant) -> ManifestProvider.Built {
        guard case .push(let push) = outbound.content else {
            return .refused(Outcome(.contentRejected, detail: "\(name) serves only \(channel)"))
        }
        let subscription: PushSubscription
        do { subscription = try PushSubscription(address: outbound.address.value) } catch {
            return .refused(
                Outcome(.recipientInvalid, detail: "the address is not a push subscription: \(error.words)"))
        }
        guard services.allow(subscription.host) else {
            let host = Redaction.line(subscription.host)
            return .refused(
                Outcome(
                    .recipientUnreachable,
                    detail: "\(host) is not among the push services that \(name) may call; add it to the setting hosts")
            )
        }
        let text = WebPushPayload.json(of: push, for: outbound)
        if let refusal = tooLarge(text) { return .refused(refusal) }
        guard let body = WebPushEncryption.encrypt(text, point: subscription.point, secret: subscription.secret) else {
            return .refused(
                Outcome(
                    .recipientInvalid,
                    detail: "the address is not a push subscription: its keys.p256dh is not a point of P-256"))
        }
        let authorization: String
        do { authorization = try tokens.authorization(for: subscription.origin, at: now) } catch {
            return .refused(Outcome(.auth, detail: Redaction.line("the request cannot be signed: \(error)")))
        }
        var headers = [
            ("Content-Type", "application/octet-stream"), ("Content-Encoding", "aes128gcm"),
            ("TTL", String(outbound.secondsLeft(at: now) ?? timeToLive.components.seconds)),
            ("Authorization", authorization),
        ]
        if let urgency = push.priority.map(WebPushPayload.urgency) { headers.append(("Urgency", urgency)) }
        if let key = push.collapseKey { headers.append(("Topic", WebPushPayload.topic(of: key))) }
        if let trace = outbound.trace { headers.append((ManifestProvider.traceParent, trace.text)) }
        let allowed = min(timeout ?? outbound.timeout, outbound.timeout)
        return .call(
            HTTPCall(
                method: "POST", url: subscription.endpoint, headers: headers.map { (name: $0.0, value: $0.1) },
                body: body, version: .http2, timeout: allowed, mayBegin: outbound.mayBegin))
    }

    private func tooLarge(_ text: [UInt8]) -> Outcome? {
        let limit = WebPushEncryption.maxBodyBytes - WebPushEncryption.overhead
        return text.count <= limit ? nil : ManifestProvider.tooLarge(name, text.count, limit)
    }
}
