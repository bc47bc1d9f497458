public import SobreModel

/// Whom the requests are about, as they are known: profiles and suppressions.
public struct Population: Sendable {
    /// What is made of a recipient without a profile.
    public enum Strangers: Sendable {
        /// Reachable on every channel and consenting to everything, in this zone (nil: the policy's default).
        case reachable(timezone: String?)
        /// Nobody by this id, as the dispatcher has it.
        case unknown
    }

    /// What holds for recipients without a profile.
    public var strangers: Strangers
    private var profiles: [UInt32: Profile] = [:]
    /// Other ids of a person, by the number under which the person is counted.
    private var aliases: [UInt32: UInt32] = [:]
    private var suppressions: [KeyHash: [Suppression]] = [:]

    /// Makes a population in which nobody has a profile yet.
    public init(strangers: Strangers = .reachable(timezone: nil)) { self.strangers = strangers }

    /// How many profiles it holds.
    public var count: Int { profiles.count }

    /// Adds a profile, in place of an earlier one with the same id. Kept only when a request of the log is for the person,
    /// under the id or an alias.
    public mutating func add(_ profile: Profile, in log: RequestLog) {
        let numbers = ([profile.id] + profile.aliases).compactMap { log.knownNumber(ofPerson: $0) }
        guard let first = numbers.first else { return }
        profiles[first] = profile
        for other in numbers.dropFirst() where other != first { aliases[other] = first }
    }

    /// Whether there is a profile of the person with this number.
    func knows(_ number: UInt32) -> Bool { profiles[number] != nil }

    /// Whom each number of the log stands for: its own, or the one of which it is an alias.
    func persons(of log: RequestLog) -> [UInt32] {
        log.people.indices.map { aliases[UInt32($0)] ?? UInt32($0) }
    }

    /// Adds a suppression, in force during the whole time.
    public mutating func add(_ suppression: Suppression) {
        suppressions[suppression.subject, default: []].append(suppression)
    }

    /// What deciding knows of a person before the first message.
    func facts(of number: UInt32, named id: String, consents: [Consent]) -> AdmissionFacts {
        let profile = profiles[number] ?? stranger(id, consents)
        guard let profile, !suppressions.isEmpty else { return AdmissionFacts(profile: profile) }
        return AdmissionFacts(profile: profile, suppressions: profile.subjects.flatMap { suppressions[$0] ?? [] })
    }

    /// By address the people who share it: a contact there is one of each of them.
    func sharers(in log: RequestLog) -> [KeyHash: [UInt32]] {
        var first: [KeyHash: UInt32] = [:]
        var shared: [KeyHash: [UInt32]] = [:]
        for number in profiles.keys.sorted() {
            for subject in Set(profiles[number]!.addresses.map(\.subject)).sorted() {
                guard let other = first[subject] else {
                    first[subject] = number
                    continue
                }
                shared[subject, default: [other]].append(number)
            }
        }
        return shared
    }

    private func stranger(_ id: String, _ consents: [Consent]) -> Profile? {
        guard case .reachable(let timezone) = strangers else { return nil }
        // A name of its own on every channel, short enough to need no memory beside the profile.
        let name = DeliveryID(rawValue: Int64(truncatingIfNeeded: KeyHash.recipient(id).rawValue >> 1)).description
        return Profile(
            id: id, timezone: timezone,
            addresses: Channel.allCases.map { Address(channel: $0, value: "\($0.rawValue)\(name)") },
            consents: consents)
    }

    /// A grant for every category that is asked for.
    static func consents(to kinds: [MessageDraft]) -> [Consent] {
        Set(kinds.map(\.category)).sorted().map { Consent(category: $0, granted: true) }
    }
}
