import SobreModel

/// The observation in one line, for traces.
extension Observation: CustomStringConvertible {
    public var description: String {
        switch self {
        case .accepted(let id, let draft, let key, _):
            "accepted \(id) for \(draft.recipient): \(draft.category) \(draft.campaign ?? "-")/\(draft.template), "
                + "\(draft.route) of \(draft.channels.map(\.description).joined(separator: ", "))"
                + (key.map { ", key \($0)" } ?? "")
        case .replayed(let id, let key, _): "answered \(id) again for key \(key)"
        case .conflicted(let id, let key, _): "refused another request with the key \(key) of \(id)"
        case .put(let profile): "put \(profile.id)"
        case .merged(let from, let into, _): "merged \(from) into \(into)"
        case .suppressed(let order): "suppressed \(order.label) (\(order.reason.rawValue))"
        case .lifted(let person): "lifted the suppressions of \(person)"
        case .cancelled(let id): "cancelled \(id)"
        case .paused(let pause): "pause \(pause.id): \(pause.summary)"
        case .resumed(let id): "pause \(id) lifted"
        case .promised(let version, let promise):
            "policy \(version): \((promise.caps.map(\.name) + promise.once.map(\.name)).joined(separator: ", "))"
        case .claimed(let delivery, let epoch): "\(delivery) claimed under \(epoch)"
        case .admitted(let intent):
            "\(intent.delivery) attempt \(intent.attempt) admitted to \(intent.draft.recipient) on \(intent.channel) "
                + "as contact \(intent.ledgerID) under policy \(intent.policyVersion)"
                + (intent.further.isEmpty ? "" : ", \(intent.further.count) further devices")
                + (intent.isResend ? ", once more" : "")
        case .refused(let refusal):
            "\(refusal.delivery) \(refusal.state) as \(refusal.reason)"
                + (refusal.dueAt.map { " until \($0)" } ?? "") + ": \(refusal.words)"
        case .settled(let delivery, let state): "\(delivery) left the line as \(state)"
        case .recorded(let ending):
            "contact \(ending.ledgerID) recorded as \(ending.proof): \(ending.state) (\(ending.reason))"
        case .requested(let request):
            "\(request.provider) is asked for \(request.reference) attempt \(request.attempt) to \(request.address) "
                + "(request \(request.number)): \(request.words)"
        case .took(let number): "request \(number) is taken"
        case .reported(let delivery, let event, let provider): "\(provider) tells: \(delivery) \(event)"
        case .digested(let delivery, let event, let provider, let at):
            "known of \(delivery): \(event) at \(at), by \(provider)"
        case .crashed: "the process is killed"
        case .started(let restoredAt): "the process starts\(restoredAt == nil ? "" : " on restored data")"
        case .stopped: "the process has ended"
        case .clockSet(let ahead): "the wall clock stands \(ahead) ms ahead of the truth"
        case .answerLost(let call): "no answer: \(call)"
        }
    }
}
