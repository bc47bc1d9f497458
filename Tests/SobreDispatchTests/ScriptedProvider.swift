import SobreDelivery
import SobreModel
import Synchronization

/// A provider with scripted outcomes, one per call. The last outcome repeats. It answers from another task.
final class ScriptedProvider: Provider {
    private struct State {
        var script: [Outcome]
        var byAddress: [String: Outcome] = [:]
        var refusal: Outcome?
        var received: [OutboundMessage] = []
        var underWay = 0
        var mostUnderWay = 0
    }

    let name: String
    let channel: Channel
    private let state: Mutex<State>

    init(_ name: String, _ channel: Channel = .email, _ script: [Outcome]) {
        self.name = name
        self.channel = channel
        state = Mutex(State(script: script))
    }

    convenience init(_ name: String, _ channel: Channel = .email, _ kinds: Outcome.Kind...) {
        self.init(name, channel, kinds.map { Outcome($0, providerID: "\(name)-1", detail: "as told") })
    }

    /// Sets a different outcome for calls to one address.
    func answer(_ address: String, _ kind: Outcome.Kind) {
        state.withLock { $0.byAddress[address] = Outcome(kind, providerID: "\(name)-\(address)", detail: "as told") }
    }

    /// Every call that was made, in order.
    var received: [OutboundMessage] { state.withLock { $0.received } }
    /// The highest number of simultaneous calls.
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    /// Rejects every message before it is sent.
    func refuse(_ outcome: Outcome) { state.withLock { $0.refusal = outcome } }

    func refusal(of content: RenderedMessage) -> Outcome? { state.withLock { $0.refusal } }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        let outcome = state.withLock { state in
            state.received.append(outbound)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            if let own = state.byAddress[outbound.address.value] { return own }
            return state.script.count > 1 ? state.script.removeFirst() : state.script[0]
        }
        Task.detached {
            self.state.withLock { $0.underWay -= 1 }
            completion(outcome)
        }
    }
}
