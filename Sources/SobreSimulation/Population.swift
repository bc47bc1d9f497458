public import SobreModel

/// The profiles and suppressions of the recipients in a log.
public struct Population: Sendable {
    /// How recipients without a profile are treated.
    public enum MissingProfiles: Sendable {
        /// Reachable on every channel and consenting to everything, in this time zone (nil for the policy's default).
        case reachable(timezone: String?)
        /// An unknown recipient, as in the dispatcher.
        case unknown
    }

    /// How recipients without a profile are treated.
    public var missingProfiles: MissingProfiles
    private var profiles: [UInt32: Profile] = [:]
    /// The numbers of aliases, mapped to the number under which the recipient is counted.
    private var aliases: [UInt32: UInt32] = [:]
    private var suppressions: [KeyHash: [Suppression]] = [:]

    /// Makes a population without profiles.
    public init(missingProfiles: MissingProfiles = .reachable(timezone: nil)) { self.missingProfiles = missingProfiles }

    /// The number of profiles.
    public var count: Int { profiles.count }

    /// Adds a profile. Replaces an earlier one with the same id. The profile is kept only if the log has a request for
    /// its id or one of its aliases.
    public mutating func add(_ profile: Profile, in log: RequestLog) {
        let numbers = ([profile.id] + profile.aliases).compactMap { log.knownNumber(ofPerson: $0) }
        guard let first = numbers.first else { return }
        profiles[first] = profile
        for other in numbers.dropFirst() where other != first { aliases[other] = first }
    }

    /// Whether the recipient with this number has a profile.
    func knows(_ number: UInt32) -> Bool { profiles[number] != nil }

    /// The recipient's number for each number of the log: itself, or the one of which it is an alias.
    func persons(of log: RequestLog) -> [UInt32] {
        log.people.indices.map { aliases[UInt32($0)] ?? UInt32($0) }
    }

    /// Adds a suppression. It is in force during the whole replay.
    public mutating func add(_ suppression: Suppression) {
        suppressions[suppression.subject, default: []].append(suppression)
    }

    /// The facts about a recipient before the first message.
    func facts(of number: UInt32, named id: String, consents: [Consent]) -> AdmissionFacts {
        let profile = profiles[number] ?? assumedProfile(id, consents)
        guard let profile, !suppressions.isEmpty else { return AdmissionFacts(profile: profile) }
        return AdmissionFacts(profile: profile, suppressions: profile.subjects.flatMap { suppressions[$0] ?? [] })
    }

    /// The recipients who share an address, by address. A contact at the address counts for each of them.
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

    private func assumedProfile(_ id: String, _ consents: [Consent]) -> Profile? {
        guard case .reachable(let timezone) = missingProfiles else { return nil }
        // Unique on every channel, and short enough for Swift's inline string storage.
        let name = DeliveryID(rawValue: Int64(truncatingIfNeeded: KeyHash.recipient(id).rawValue >> 1)).description
        return Profile(
            id: id, timezone: timezone,
            addresses: Channel.allCases.map { Address(channel: $0, value: "\($0.rawValue)\(name)") },
            consents: consents)
    }

    /// A consent to every category in the log.
    static func consents(to kinds: [MessageDraft]) -> [Consent] {
        Set(kinds.map(\.category)).sorted().map { Consent(category: $0, granted: true) }
    }
}
