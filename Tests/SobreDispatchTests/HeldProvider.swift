import SobreDelivery
import SobreModel
import Synchronization

/// A provider that answers a call only when the test says so.
final class HeldProvider: Provider {
    private struct State {
        var received: [OutboundMessage] = []
        var open: [@Sendable (Outcome) -> Void] = []
        var most = 0
    }

    let name: String
    let channel: Channel
    /// Whether messages are prepared before their call begins.
    let preparesAhead: Bool
    private let state = Mutex(State())

    init(_ name: String, _ channel: Channel = .email, preparesAhead: Bool = false) {
        self.name = name
        self.channel = channel
        self.preparesAhead = preparesAhead
    }

    /// Every call that was made, in order.
    var received: [OutboundMessage] { state.withLock { $0.received } }
    /// The calls without an answer.
    var open: Int { state.withLock { $0.open.count } }
    /// The highest number of simultaneous calls.
    var most: Int { state.withLock { $0.most } }

    /// Answers the oldest call. Returns false when there is none.
    @discardableResult
    func answer(_ kind: Outcome.Kind = .accepted, retryAfter: Duration? = nil) -> Bool {
        guard let completion = state.withLock({ $0.open.isEmpty ? nil : $0.open.removeFirst() }) else { return false }
        completion(Outcome(kind, providerID: "\(name)-1", detail: "as told", retryAfter: retryAfter))
        return true
    }

    func refusal(of content: RenderedMessage) -> Outcome? { nil }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        let call = HTTPCall(url: "https://test.example", timeout: outbound.timeout, mayBegin: outbound.mayBegin)
        // The call begins when the transport makes it.
        transport.call(call) { answer in
            guard case .response = answer else { return completion(Outcome(.transient, detail: "not begun")) }
            self.state.withLock { state in
                state.received.append(outbound)
                state.open.append(completion)
                state.most = max(state.most, state.open.count)
            }
        }
    }
}

/// Answers every call at once. ``HeldProvider`` keeps the answer.
struct PromptTransport: Transport {
    func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) {
        completion(.response(status: 200, headers: [], body: []))
    }

    func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
        completion(.failure(TransportFault(.notSent, "there are no mails here")))
    }
}
