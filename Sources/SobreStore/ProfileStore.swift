public import SobreModel

/// Profiles, their IDs and aliases, consents and suppressions.
///
/// A recipient has one ID and any number of aliases. Every call that names a recipient takes either. Contacts,
/// consents, suppressions and dedup keys are found under all of a recipient's names. Names can be joined but never
/// separated, because a separation would free contact slots that were already used.
public protocol ProfileStore: PersonHistory {
    /// Stores profiles. Each replaces the profile with the same ID and takes effect with the next decision. Durable on
    /// return.
    ///
    /// The aliases that a profile names are added to its existing ones. An alias that is the ID of another stored
    /// profile merges that profile into this one. Consents that are new go into the history. The profiles are stored
    /// one by one, in order.
    ///
    /// Returns the ID of each profile, or why it was not stored.
    @discardableResult
    func put(_ profiles: [Profile]) async throws(StoreError) -> [Result<String, IdentityRefusal>]

    /// Reads a profile, changes it and stores it atomically.
    ///
    /// `change` must be pure. It gets the current profile and runs on the store's thread. The ID of the profile that it
    /// returns is ignored.
    func change<Refusal: Error>(
        _ id: String, by change: @escaping @Sendable (Profile) -> Result<Profile, Refusal>
    ) async throws(StoreError) -> ProfileChange<Refusal>

    /// Merges two recipients under the ID of the second, in one transaction. Takes effect with the next decision.
    ///
    /// The contacts of both count, including those in flight. Suppressions are joined. Of two consents about the same
    /// channel and category, the newer counts, and of two with the same time, the refusal. Where both profiles have a
    /// value, the second's is kept. Messages to either go to the merged recipient.
    func merge(_ from: String, into: String) async throws(StoreError) -> Result<ProfileMerge, IdentityRefusal>

    /// Erases a recipient: the profile, the evidence of consents and suppressions, and the data of messages. Waiting
    /// deliveries are cancelled. The hashed names, an `erased` suppression for the recipient and for each address, and
    /// the ledger's counts are kept.
    ///
    /// Returns what was erased, or nil when no profile has this ID. A second call finishes what a crash interrupted.
    func erase(_ id: String) async throws(StoreError) -> Erasure?

    /// Records consents and refusals. All go into the history. Of statements about the same channel and category the
    /// newest is in force, and of two with the same time, the refusal.
    func take(_ statements: [ConsentStatement]) async throws(StoreError) -> [ConsentOutcome]

    /// Adds suppressions. A suppression replaces an earlier one with the same subject, channel, category and reason.
    /// Durable on return. Each change goes into the history. A repetition with the same source and evidence does not.
    func suppress(_ suppressions: [Suppression]) async throws(StoreError)

    /// Lifts the suppressions of a subject under all names of a recipient, either for one channel, category and reason,
    /// or all where these are nil. Suppressions that were ordered after `instant` stay. Each lifted one goes into the
    /// history with the source that lifted it.
    ///
    /// Returns the number of suppressions lifted.
    func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter instant: Instant?,
        by word: SuppressionLifting
    ) async throws(StoreError) -> Int

    /// The key hash, as used in the ledger, of the address of a delivery's last attempt. Nil when there was no attempt
    /// or it is no longer kept.
    func address(of delivery: DeliveryID) async throws(StoreError) -> KeyHash?
}

extension ProfileStore {
    /// Lifts the suppressions of a subject with any reason and time.
    public func lift(
        subject: KeyHash, channel: Channel?, category: String?, by word: SuppressionLifting
    ) async throws(StoreError) -> Int {
        try await lift(subject: subject, channel: channel, category: category, reason: nil, notAfter: nil, by: word)
    }
}

/// The result of changing a profile.
public enum ProfileChange<Refusal: Error>: Sendable {
    case changed(Profile)
    /// No profile has this ID.
    case unknown
    /// The `change` closure refused.
    case refused(Refusal)
    /// An alias cannot belong to this profile.
    case conflict(IdentityRefusal)
}

/// The result of merging two recipients.
public struct ProfileMerge: Hashable, Sendable {
    public var profile: Profile
    /// False when they had been merged before.
    public var isNew: Bool

    public init(profile: Profile, isNew: Bool) {
        self.profile = profile
        self.isNew = isNew
    }
}

/// The result of erasing a recipient.
public struct Erasure: Hashable, Sendable {
    /// The number of messages whose data was deleted.
    public var messages: Int
    /// The number of waiting deliveries that were cancelled.
    public var cancelled: Int
    /// The number of `erased` suppressions now in force: one for the recipient and one for each address.
    public var suppressions: Int

    public init(messages: Int, cancelled: Int, suppressions: Int) {
        self.messages = messages
        self.cancelled = cancelled
        self.suppressions = suppressions
    }
}
