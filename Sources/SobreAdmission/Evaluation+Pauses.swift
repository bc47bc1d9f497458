import JSON
import SobreModel

/// The recipient's pause that covers a message.
struct PauseFinding {
    /// The position in the profile of the pause that lasts longest.
    var index: Int
    var until: Instant

    func summary(in evaluation: Evaluation) -> String { "the person asked for a pause until \(until)" }
}

extension Evaluation {
    /// The longest pause in force at an instant, for messages that obey caps; nil when there is none.
    func pause(_ traits: ContactTraits, at instant: Instant) -> PauseFinding? {
        guard obeysCaps, let pauses = facts.profile?.caps.pauses, !pauses.isEmpty else { return nil }
        var found: PauseFinding?
        for (index, pause) in pauses.enumerated() where pause.until > instant {
            guard pause.category.map({ NameRule.areSame($0, message.category) }) ?? true,
                pause.channel == nil || pause.channel == traits.channel,
                pause.until > found?.until ?? .distantPast
            else { continue }
            found = PauseFinding(index: index, until: pause.until)
        }
        return found
    }

    func write(_ pause: PauseFinding?, to json: inout JSONWriter) {
        json.object { json in
            json.key("step")
            json.value(AdmissionStep.pause.description)
            json.key("passes")
            json.value(pause == nil)
            guard let pause, let wish = facts.profile?.caps.pauses[pause.index] else { return }
            json.member("category", ifPresent: wish.category)
            json.member("on", ifPresent: wish.channel?.description)
            json.member("until", ifPresent: pause.until.rfc3339)
        }
    }
}
