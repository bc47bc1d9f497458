import SobreModel
import SobreStoreColumns

/// A waiting delivery, as its row of the queue says.
struct QueueRow {
    var delivery: DeliveryID
    /// That of the pause that holds it; 0 for none.
    var section: Int64 = 0
    var channel: Channel
    var rank: Int64
    var dueAt: Instant
    var state: DeliveryState
    var attempts = 0
    var flags: QueueFlags = []
    /// When it is offered although a pause still holds it; nil for never.
    var wakeAt: Instant?
    var campaign: KeyHash
    /// The reason of the log entry with which the delivery came into its state.
    var reason = ""
    /// The time of that entry.
    var since: Instant
}
