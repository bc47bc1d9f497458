public import SobreStore
import JSON
import SobreModel
import SobreWire
import Text

extension ServerClient {
    /// Carries out an order for a subscription to events.
    ///
    /// - Parameters:
    ///   - order: what to do. The reason of a pause is the note of the current author.
    ///   - name: the subscription.
    /// - Returns: how far it has come; nil when there is no such subscription.
    /// - Throws: ``ClientError`` if the server cannot be reached or rejects the order.
    public func carryOut(_ order: EventOrder, on name: String) async throws(ClientError) -> EventSubscriptionState? {
        let action =
            switch order {
            case .pause: "pause"
            case .resume: "resume"
            case .replay(let cursor): "replay?after=\(cursor?.description ?? "0")"
            case .replaySince(let instant): "replay?since=\(PercentEncoding.encode(instant.rfc3339))"
            }
        let answer = try await send("POST", "/v1/event-subscriptions/\(PercentEncoding.encode(name))/\(action)")
        if answer.status == 404 { return nil }
        guard answer.status == 200, let state = answer.document.flatMap({ Wire.readSubscriptionState($0.root) }) else {
            throw Self.refusal(.rejected, answer)
        }
        return state
    }
}
