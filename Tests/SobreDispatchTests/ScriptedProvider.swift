import SobreDelivery
import SobreModel
import Synchronization

/// A provider that does as it is told: one outcome a call, the last one for ever. It answers from another task.
final class ScriptedProvider: Provider {
    private struct State {
        var script: [Outcome]
        var parcels: [Parcel] = []
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

    /// Every call that was made, in order.
    var parcels: [Parcel] { state.withLock { $0.parcels } }
    /// The most calls that were open at once.
    var mostUnderWay: Int { state.withLock { $0.mostUnderWay } }

    func refusal(of content: RenderedMessage) -> Outcome? { nil }

    func send(_ parcel: Parcel, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void) {
        let outcome = state.withLock { state in
            state.parcels.append(parcel)
            state.underWay += 1
            state.mostUnderWay = max(state.mostUnderWay, state.underWay)
            return state.script.count > 1 ? state.script.removeFirst() : state.script[0]
        }
        Task.detached {
            self.state.withLock { $0.underWay -= 1 }
            completion(outcome)
        }
    }
}
