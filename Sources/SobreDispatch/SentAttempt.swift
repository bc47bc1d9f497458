import SobreDelivery
import SobreModel
import SobreStore

/// What the outcome recorder keeps of an attempt while the provider works on it.
///
/// A class, because passing it between threads then costs only one reference.
final class SentAttempt: Sendable {
    let ledgerID: Int64
    let delivery: DeliveryID
    /// The change to write if nothing more becomes known: attempt, channel, provider, versions.
    let change: DeliveryChange
    /// Nil after a crash, when only the intent is known.
    let address: Address?
    /// When the message was accepted, or its `send_at` if that is later.
    let since: Instant
    /// When the delivery was due, by the store's clock: its place in the queue. Nil after a crash.
    let dueAt: Instant?
    /// Not later than when its provider was chosen. Nil after a crash.
    let chosenAt: Instant?
    /// When the message expires, by its own word or its category's; nil: never.
    let expiresAt: Instant?
    let category: String
    /// The message's place in its sender's trace; nil for none.
    let trace: TraceParent?
    /// Whether the category's messages are sent once more when their outcome is unknown.
    let resendsUnknown: Bool
    /// Whether the plan has channels that were not tried.
    let hasFurtherChannels: Bool
    /// The next channel of the plan on which the recipient has an address. It is tried when this channel rejects the
    /// content.
    let nextChannel: Channel?
    /// Whether the channels of the plan before this one are already excluded.
    let beginsAtChannel: Bool

    init(
        ledgerID: Int64, delivery: DeliveryID, change: DeliveryChange, address: Address?, since: Instant,
        dueAt: Instant? = nil, chosenAt: Instant? = nil, expiresAt: Instant? = nil, category: String,
        trace: TraceParent? = nil,
        resendsUnknown: Bool, hasFurtherChannels: Bool, nextChannel: Channel? = nil, beginsAtChannel: Bool = false
    ) {
        self.ledgerID = ledgerID
        self.delivery = delivery
        self.change = change
        self.address = address
        self.since = since
        self.dueAt = dueAt
        self.chosenAt = chosenAt
        self.expiresAt = expiresAt
        self.category = category
        self.trace = trace
        self.resendsUnknown = resendsUnknown
        self.hasFurtherChannels = hasFurtherChannels
        self.nextChannel = nextChannel
        self.beginsAtChannel = beginsAtChannel
    }
}
