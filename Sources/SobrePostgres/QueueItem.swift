import Postgres
import SobreModel
import SobreStore
import SobreStoreColumns

/// A waiting delivery, as its row of the queue says.
struct QueueItem: Sendable {
    var delivery: DeliveryID
    /// That of the pause that holds it; 0 for none.
    var section: Int64 = 0
    var channel: Channel
    var rank: Int64
    var dueAt: Instant
    /// The key hash of the recipient.
    var person: KeyHash
    var state: DeliveryState
    var attempts = 0
    var flags: QueueFlags = []
    /// When it is offered although a pause still holds it; nil for never.
    var wakeAt: Instant?
    var campaign: KeyHash
    /// Of the log entry with which the delivery came into its state.
    var reason = ""
    var since: Instant

    static let list = """
        queue.delivery, queue.section, queue.channel, queue.rank, queue.due_at, queue.person, queue.state, \
        queue.attempts, queue.flags, queue.wake_at, queue.campaign, queue.reason, queue.since
        """
    /// How many columns ``list`` has.
    static let count = 13

    var bucket: Int { Bucket.of(delivery.message) }

    static func read(_ row: ResultRow) throws -> QueueItem {
        let id = try row.int(0)
        return QueueItem(
            delivery: DeliveryID(rawValue: id), section: try row.int(1),
            channel: try row.value(2, in: "queue.channel", of: id), rank: try row.int(3),
            dueAt: Instant(milliseconds: try row.int(4)), person: KeyHash(stored: try row.int(5)),
            state: try row.value(6, in: "queue.state", of: id), attempts: Int(try row.int(7)),
            flags: QueueFlags(rawValue: try row.int(8)), wakeAt: try row.instant(9),
            campaign: KeyHash(stored: try row.int(10)), reason: try row.text(11),
            since: Instant(milliseconds: try row.int(12)))
    }

    /// Whether another row is the one that was claimed, and not a later one of the same delivery.
    func isSame(as other: QueueItem) -> Bool {
        delivery == other.delivery && section == other.section && channel == other.channel && rank == other.rank
            && dueAt == other.dueAt && since == other.since
    }
}
