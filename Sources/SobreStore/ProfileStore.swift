public import SobreModel

/// People: profiles under all their names, what they consented to, whom nobody contacts.
///
/// A person has one id and any number of aliases. Every call that names a person takes either; what belongs to the person
/// (contacts, consents, suppressions, dedup keys) is found under all of them. Names are only ever joined, never parted:
/// parting would free slots that were used.
public protocol ProfileStore: PersonHistory {
    /// Stores profiles, each replacing the one with its id. In force at the next decision. Durable on return.
    ///
    /// Aliases that a profile names are added to those it has; one that names another stored profile merges that into this.
    /// Consents that were not there before go into the history. Each profile is judged by itself, in order.
    ///
    /// Returns for each profile the id, or why it was not stored.
    @discardableResult
    func put(_ profiles: [Profile]) async throws(StoreError) -> [Result<String, IdentityRefusal>]

    /// Reads a profile, changes it and stores it, with nothing in between.
    ///
    /// `change` is pure and gets the profile as it stands; it is called on the store's thread. The id of what it returns
    /// is ignored.
    func change<Refusal: Error>(
        _ id: String, by change: @escaping @Sendable (Profile) -> Result<Profile, Refusal>
    ) async throws(StoreError) -> ProfileChange<Refusal>

    /// Makes two people one, under the id of the second; in one transaction, in force at the next decision.
    ///
    /// The contacts of both count, also those in flight; suppressions are joined; of consents about the same channel and
    /// category the newest counts, and of two at the same time the refusal. Where both profiles say something, the
    /// second's word counts. Messages of either go to the one person.
    func merge(_ from: String, into: String) async throws(StoreError) -> Result<ProfileMerge, IdentityRefusal>

    /// Forgets a person: the profile, the evidence of consents and suppressions, the data of messages; what waits is cancelled. Kept are
    /// the hashed names, with a suppression `erased` for the person and each address, and the ledger's counts.
    ///
    /// Returns what was done; nil when nobody has this id. Calling it again finishes what a crash left.
    func erase(_ id: String) async throws(StoreError) -> Erasure?

    /// Takes what people allowed or refused. All go into the history; of those about the same channel and category the
    /// newest is in force, and of two at the same time the refusal.
    func take(_ statements: [ConsentStatement]) async throws(StoreError) -> [ConsentOutcome]

    /// Adds suppressions; one with the same subject, channel, category and reason replaces the earlier. Durable on return.
    /// What is news goes into the history; said once more with the same source and evidence it is none.
    func suppress(_ suppressions: [Suppression]) async throws(StoreError)

    /// Lifts suppressions of a subject (for one channel, category and reason, or all when nil), under all names of a
    /// person. Those that were ordered after `instant` stay. Each goes into the history with the word that lifted it.
    /// Returns how many were lifted.
    func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter instant: Instant?,
        by word: SuppressionLifting
    ) async throws(StoreError) -> Int

    /// The address to which the last attempt of a delivery went, by its name in the ledger; nil when there was none, or it
    /// is kept no more.
    func address(of delivery: DeliveryID) async throws(StoreError) -> KeyHash?
}

extension ProfileStore {
    /// Lifts suppressions of a subject, whatever their reason and time.
    public func lift(
        subject: KeyHash, channel: Channel?, category: String?, by word: SuppressionLifting
    ) async throws(StoreError) -> Int {
        try await lift(subject: subject, channel: channel, category: category, reason: nil, notAfter: nil, by: word)
    }
}

/// What a change of a profile came to.
public enum ProfileChange<Refusal: Error>: Sendable {
    case changed(Profile)
    /// Nobody has this id.
    case unknown
    /// The change itself said no.
    case refused(Refusal)
    /// Its aliases cannot be this person's.
    case conflict(IdentityRefusal)
}

/// Two people who are one now.
public struct ProfileMerge: Hashable, Sendable {
    public var profile: Profile
    /// False when they were one already.
    public var isNew: Bool

    public init(profile: Profile, isNew: Bool) {
        self.profile = profile
        self.isNew = isNew
    }
}

/// What forgetting a person came to.
public struct Erasure: Hashable, Sendable {
    /// Messages whose data was deleted.
    public var messages: Int
    /// Deliveries that waited and were cancelled.
    public var cancelled: Int
    /// Suppressions `erased` that stand now: the person's, and one for each address.
    public var suppressions: Int

    public init(messages: Int, cancelled: Int, suppressions: Int) {
        self.messages = messages
        self.cancelled = cancelled
        self.suppressions = suppressions
    }
}
