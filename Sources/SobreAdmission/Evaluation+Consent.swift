import SobreModel

/// The result of the consent check.
struct ConsentFinding {
    var mode: CategoryPolicy.ConsentMode
    /// The position in the profile of the consent that counts; nil when none is recorded.
    var index: Int?
    var passes: Bool

    func summary(in evaluation: Evaluation) -> String {
        let name = evaluation.message.category
        guard let index, let consent = evaluation.facts.profile?.consents[index] else {
            return "no consent for \(name) is recorded"
        }
        let refused = consent.granted ? "granted" : "refused"
        return "\(consent.category) \(refused)" + (consent.at.map { " on \($0)" } ?? "")
    }
}

extension Evaluation {
    /// The latest consent for the category or topic on a channel, under the category's mode.
    func consent(on channel: Channel) -> ConsentFinding {
        guard category.consent != .none else { return ConsentFinding(mode: .none, index: nil, passes: true) }
        let consents = facts.profile?.consents ?? []
        let latest = consents.latest(on: channel, now: now, where: isAboutMessage)
        let granted = latest.map { consents[$0].granted } ?? (category.consent == .optOut)
        return ConsentFinding(mode: category.consent, index: latest, passes: granted)
    }

    /// The position of the first suppression that covers the recipient or the address, the channel and the category.
    func suppression(of address: KeyHash, on channel: Channel) -> Int? {
        guard !facts.suppressions.isEmpty else { return nil }
        let person = facts.profile.map { KeyHash.recipient($0.id) } ?? KeyHash.recipient(message.recipient)
        return facts.suppressions.firstIndex { suppression in
            (suppression.subject == person || suppression.subject == address)
                && (suppression.channel == nil || suppression.channel == channel)
                && (suppression.category.map(isAboutMessage) ?? true)
        }
    }

    /// Whether a name is the message's category or topic. Its case does not matter.
    private func isAboutMessage(_ name: String) -> Bool {
        NameRule.areSame(name, message.category) || message.topic.map { NameRule.areSame(name, $0) } ?? false
    }
}
