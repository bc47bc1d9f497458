import SobreDelivery
import SobreModel
import Synchronization

/// The fates of messages as a test sets them, and what was asked for.
final class ScriptedPolls: PollingProvider {
    private struct State {
        var fates: [String: PollFate] = [:]
        var asked: [[String]] = []
        var isDown = false
    }

    let name: String
    let pollTerms: PollTerms
    private let state = Mutex(State())

    init(
        _ name: String,
        _ terms: PollTerms = PollTerms(
            after: .seconds(900), every: .seconds(900), slowest: .seconds(3_600), giveUpAfter: .seconds(80_000),
            batch: 2)
    ) {
        self.name = name
        pollTerms = terms
    }

    /// The ids of each question so far.
    var asked: [[String]] { state.withLock { $0.asked } }
    func set(_ id: String, _ fate: PollFate) { state.withLock { $0.fates[id] = fate } }
    func set(isDown: Bool) { state.withLock { $0.isDown = isDown } }

    func poll(_ ids: [String], over transport: any Transport, completion: @escaping @Sendable (PollAnswer) -> Void) {
        completion(
            state.withLock { state in
                state.asked.append(ids)
                return state.isDown ? .failed("HTTP 503") : .fates(state.fates.filter { ids.contains($0.key) })
            })
    }
}

/// A scripted provider that is asked for the fate of its messages.
struct PolledProvider: Provider {
    let provider: ScriptedProvider
    let polls: ScriptedPolls

    var name: String { provider.name }
    var channel: Channel { provider.channel }
    var polling: (any PollingProvider)? { polls }

    func refusal(of content: RenderedMessage) -> Outcome? { provider.refusal(of: content) }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) { provider.send(outbound, over: transport, completion: completion) }
}
