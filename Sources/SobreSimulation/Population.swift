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
    private var lastInbound: [KeyHash: Instant] = [:]
    /// Profiles without requests that share an address with a recipient.
    private var holders: [Profile] = []
    private var holderPlaces: [String: Int] = [:]
    private var leftOut = 0
    private var recipientAddresses: Set<KeyHash>?
    /// The number of profiles up to which an address is judged for all who hold it.
    let maxAddressHolders: Int

    /// Makes a population without profiles.
    ///
    /// - Parameters:
    ///   - missingProfiles: how recipients without a profile are treated.
    ///   - maxAddressHolders: the number of profiles up to which an address is judged for all who hold it.
    public init(
        missingProfiles: MissingProfiles = .reachable(timezone: nil), maxAddressHolders: Int = AddressHolder.usualMost
    ) {
        self.missingProfiles = missingProfiles
        self.maxAddressHolders = maxAddressHolders
    }

    /// The number of profiles.
    public var count: Int { profiles.count }

    /// Adds a profile. Replaces an earlier one with the same id. The profile is kept only if the log has a request for
    /// its id or one of its aliases.
    public mutating func add(_ profile: Profile, in log: RequestLog) {
        let numbers = ([profile.id] + profile.aliases).compactMap { log.knownNumber(ofPerson: $0) }
        guard let first = numbers.first else { return leftOut += 1 }
        profiles[first] = profile
        for other in numbers.dropFirst() where other != first { aliases[other] = first }
    }

    /// Whether profiles were not kept because they have no requests. They may share an address with a recipient: then
    /// pass all profiles to ``addHolder(_:in:)``.
    public var mayLackHolders: Bool { leftOut > 0 && !profiles.isEmpty }

    /// Keeps a profile without requests if it shares an address with a recipient of the log, so that its caps are judged
    /// too. Replaces an earlier one with the same id. Call it after all profiles were added.
    public mutating func addHolder(_ profile: Profile, in log: RequestLog) {
        guard ([profile.id] + profile.aliases).allSatisfy({ log.knownNumber(ofPerson: $0) == nil }) else { return }
        let known = recipientAddresses ?? Set(profiles.values.flatMap { $0.addresses.map(\.subject) })
        recipientAddresses = known
        if let place = holderPlaces[profile.id] { return holders[place] = profile }
        guard profile.addresses.contains(where: { known.contains($0.subject) }) else { return }
        holderPlaces[profile.id] = holders.count
        holders.append(profile)
    }

    /// The number of recipients in a log and of the profiles that only share an address with one of them, who have the
    /// numbers after these.
    func count(in log: RequestLog) -> Int { log.people.count + holders.count }

    /// The facts about a profile that only shares an address.
    func holder(_ number: UInt32, in log: RequestLog) -> AdmissionFacts {
        AdmissionFacts(profile: holders[Int(number) - log.people.count])
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

    /// Adds when an address last wrote to us. The window that this opens counts from the begin of the replay, because
    /// earlier messages of the address are not known.
    public mutating func add(_ inbound: LastInbound) { lastInbound[inbound.address] = inbound.at }

    /// The facts about a recipient before the first message.
    func facts(of number: UInt32, named id: String, consents: [Consent]) -> AdmissionFacts {
        let profile = profiles[number] ?? assumedProfile(id, consents)
        guard let profile, !suppressions.isEmpty || !lastInbound.isEmpty else {
            return AdmissionFacts(profile: profile)
        }
        return AdmissionFacts(
            profile: profile, suppressions: profile.subjects.flatMap { suppressions[$0] ?? [] },
            lastInbound: lastInbound.isEmpty
                ? []
                : profile.subjects.compactMap { subject in
                    lastInbound[subject].map { LastInbound(address: subject, at: $0) }
                })
    }

    /// The profiles that hold a shared address, by address. A contact through the address counts for each of them.
    func sharers(in log: RequestLog) -> [KeyHash: [UInt32]] {
        var first: [KeyHash: UInt32] = [:]
        var shared: [KeyHash: [UInt32]] = [:]
        func add(_ profile: Profile, _ number: UInt32) {
            for subject in Set(profile.addresses.map(\.subject)).sorted() {
                guard let other = first[subject] else {
                    first[subject] = number
                    continue
                }
                shared[subject, default: [other]].append(number)
            }
        }
        for number in profiles.keys.sorted() { add(profiles[number]!, number) }
        for (index, profile) in holders.enumerated() { add(profile, UInt32(log.people.count + index)) }
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
