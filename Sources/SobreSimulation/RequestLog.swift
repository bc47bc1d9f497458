public import SobreModel

/// The error when a log is full.
public struct RequestLogFull: Error, Hashable, Sendable, CustomStringConvertible {
    /// The maximum number of requests.
    public var capacity: Int

    public var description: String {
        "More than \(capacity) requests do not fit; simulate a shorter time with --from and --to, or a share of the people."
    }
}

/// The message requests in the order in which a dispatcher would process them.
///
/// A request takes 56 bytes. What many requests share (template, campaign, tags, channels, …) is stored once, as is
/// each recipient's id. Ten million requests of half a million recipients take about 700 MB. More than ``capacity``
/// requests are rejected.
public struct RequestLog: Sendable {
    /// One request, without what it shares with others.
    struct Entry: Sendable {
        /// When it was accepted, in ms since 1970.
        var acceptedAt: Int64
        var id: Int64
        /// `Int64.max` if its category decides.
        var expiresAt: Int64
        /// Its `send_at`, or when it was accepted: when the category's expiry begins.
        var begins: Int64
        var dedupKey: KeyHash
        var activity: KeyHash
        var person: UInt32
        var kind: UInt32

        /// When it is decided first.
        var due: Int64 { max(begins, acceptedAt) }
        /// Nil if it was to be sent at once.
        var sendAt: Instant? { begins == acceptedAt ? nil : Instant(milliseconds: begins) }
    }

    /// The default capacity.
    public static let usualCapacity = 20_000_000

    /// The maximum number of requests.
    public let capacity: Int
    private(set) var entries: [Entry] = []
    /// What requests share: drafts without recipient, times, dedup key, activity and data.
    private(set) var kinds: [MessageDraft] = []
    /// The recipients' ids, in the order of their first request.
    public private(set) var people: [String] = []
    /// The number of test messages that were left out. No rule counts them, so they change nothing.
    public private(set) var tests = 0
    private var kindNumbers: [MessageDraft: UInt32] = [:]
    private var personNumbers: [String: UInt32] = [:]
    private var isOrdered = true
    private var needsIDs = false

    /// Makes an empty log.
    public init(capacity: Int = usualCapacity) { self.capacity = capacity }

    /// The number of requests.
    public var count: Int { entries.count }

    /// Adds a message from a store.
    public mutating func append(_ message: Message) throws(RequestLogFull) {
        guard !message.isTest else { return tests += 1 }
        try add(
            Entry(
                acceptedAt: message.acceptedAt.milliseconds, id: message.id.rawValue,
                expiresAt: Self.stored(message.expiresAt),
                begins: message.beginsAt.milliseconds,
                dedupKey: message.dedupKey.map { KeyHash($0) } ?? .none, activity: Self.activity(of: message.draft),
                person: number(ofPerson: message.recipient), kind: number(ofKind: message.draft)))
    }

    /// Adds a request made at an instant. Ids are assigned in the order of time, then of adding.
    public mutating func append(_ draft: MessageDraft, at instant: Instant) throws(RequestLogFull) {
        guard !draft.isTest else { return tests += 1 }
        needsIDs = true
        try add(
            Entry(
                acceptedAt: instant.milliseconds, id: 0, expiresAt: Self.stored(draft.expiresAt),
                begins: instant.milliseconds, dedupKey: draft.dedupKey.map { KeyHash($0) } ?? .none,
                activity: Self.activity(of: draft),
                person: number(ofPerson: draft.recipient), kind: number(ofKind: draft)))
    }

    private static func activity(of draft: MessageDraft) -> KeyHash {
        draft.activity.map { KeyHash(activity: $0) } ?? .none
    }

    /// The number of the kind to which a draft belongs.
    private mutating func number(ofKind draft: MessageDraft) -> UInt32 {
        var shared = draft
        shared.recipient = ""
        shared.sendAt = nil
        shared.expiresAt = nil
        shared.dedupKey = nil
        shared.activity = nil
        shared.data = []
        if let number = kindNumbers[shared] { return number }
        let number = UInt32(kinds.count)
        kindNumbers[shared] = number
        kinds.append(shared)
        return number
    }

    /// The number of a recipient. New recipients get the next one.
    private mutating func number(ofPerson id: String) -> UInt32 {
        if let number = personNumbers[id] { return number }
        let number = UInt32(people.count)
        personNumbers[id] = number
        people.append(id)
        return number
    }

    /// The number of a recipient; nil if no request names this id.
    public func knownNumber(ofPerson id: String) -> UInt32? { personNumbers[id] }

    private mutating func add(_ entry: Entry) throws(RequestLogFull) {
        guard entries.count < capacity else { throw RequestLogFull(capacity: capacity) }
        if let last = entries.last, last.due > entry.due { isOrdered = false }
        entries.append(entry)
    }

    /// Sorts the requests and assigns missing ids. Call it once, after the last request.
    public mutating func seal() {
        if needsIDs {
            if !isOrdered {
                // Requests of the same instant keep the order of adding.
                for index in entries.indices { entries[index].id = Int64(index) }
                entries.sort { ($0.due, $0.id) < ($1.due, $1.id) }
            }
            var ids = MessageIDGenerator(after: nil)
            for index in entries.indices {
                entries[index].id = ids.next(at: Instant(milliseconds: entries[index].due)).rawValue
            }
        }
        let ranks = kinds.map { Self.rank(of: $0.priority) }
        let isBefore = { (a: Entry, b: Entry) in
            (a.due, ranks[Int(a.kind)], a.id) < (b.due, ranks[Int(b.kind)], b.id)
        }
        if zip(entries, entries.dropFirst()).contains(where: { isBefore($1, $0) }) { entries.sort(by: isBefore) }
    }

    /// The rank of a priority. Lower ranks come first.
    static func rank(of priority: Priority) -> UInt8 { 3 - priority.rawValue }

    private static func stored(_ instant: Instant?) -> Int64 { instant?.milliseconds ?? .max }
}
