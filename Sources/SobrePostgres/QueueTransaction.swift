import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// Moves deliveries within a transaction that holds their buckets' locks.
final class QueueTransaction {
    let connection: PostgresConnection
    /// The store's time, read after the locks were taken.
    let now: Instant
    /// All pauses with the sections of the queue in which they keep what they hold.
    let pauses: [(pause: SendingPause, section: Int64)]
    private var numbers: [Int64]
    var writer = QueueWriter()

    static let lock = PreparedStatement(
        "queue_lock", "SELECT id, node, epoch FROM bucket WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE")
    /// The numbers of the log entries to be written, drawn under the locks.
    static let drawNumbers = PreparedStatement(
        "queue_numbers", "SELECT nextval('log_id') FROM generate_series(1, $1::int8)")
    static let items = PreparedStatement(
        "queue_items", "SELECT \(QueueItem.list) FROM queue WHERE bucket = ANY($1) AND delivery = ANY($2)")

    init(
        _ connection: PostgresConnection, now: Instant, numbers: [Int64],
        pauses: [(pause: SendingPause, section: Int64)] = []
    ) {
        self.connection = connection
        self.now = now
        self.numbers = numbers
        self.pauses = pauses
    }

    /// The number of the next log entry.
    func nextNumber() -> Int64 { numbers.removeFirst() }

    /// Appends an entry to the log.
    func log(_ given: LogEntry, of campaign: KeyHash, attempt: Int64? = nil) {
        var entry = given
        entry.at = now
        entry.sequence = nextNumber()
        writer.log(entry, of: campaign, attempt: attempt)
    }

    /// Ends a claim without an attempt. The delivery waits again or becomes final.
    ///
    /// With `mayRepeat`, a hold that repeats the last entry of the log moves that entry's due time in place of a new
    /// entry: what is held for weeks and decided again every few minutes must not fill the log.
    func end(
        _ item: QueueItem, _ given: LogEntry, mayRepeat: Bool = false, pause: Int64? = nil
    ) throws {
        var entry = given
        var waiting = item
        writer.take(item)
        if let held = pauses.first(where: { $0.pause.id == pause }) {
            // It keeps its place in the order of claims.
            waiting.section = held.section
            waiting.wakeAt = entry.dueAt == held.pause.until ? nil : entry.dueAt
        } else if entry.state.isPending {
            let dueAt = entry.dueAt ?? now
            entry.dueAt = dueAt
            waiting.section = 0
            waiting.wakeAt = nil
            waiting.dueAt = dueAt
            if entry.state == .deferred, let begun = entry.channel {
                waiting.channel = begun
                waiting.flags.insert(.hasBegun)
            }
        } else {
            return log(entry, of: item.campaign)
        }
        if item.flags.contains(.possibleDuplicate) { entry.possibleDuplicate = true }
        waiting.state = entry.state
        waiting.reason = entry.reason
        waiting.since = now
        if mayRepeat, let last = try lastEntry(of: entry.delivery), last.repeats(entry) {
            waiting.since = last.at
            writer.extend(last, to: entry.dueAt)
        } else {
            log(entry, of: item.campaign)
        }
        writer.add(waiting)
    }

    func lastEntry(of delivery: DeliveryID) throws -> LogEntry? {
        try connection.query(LogRow.last, [Bucket.of(delivery.message)], [delivery.rawValue]).first.map {
            try LogRow.read($0)
        }
    }
}
