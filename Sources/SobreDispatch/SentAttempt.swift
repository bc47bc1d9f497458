import SobreDelivery
import SobreModel
import SobreStore

/// What the outcome recorder must remember of an attempt while the provider has it.
///
/// A class: it is handed from thread to thread for the price of one reference.
final class SentAttempt: Sendable {
    let ledgerID: Int64
    let delivery: DeliveryID
    /// What is written if nothing more becomes known: attempt, channel, provider, versions.
    let change: DeliveryChange
    /// Nil when only the intent is known: after a crash.
    let address: Address?
    let category: String
    /// The category's messages are sent once more when their outcome is unknown.
    let resendsUnknown: Bool
    /// The plan has channels that were not tried.
    let hasFurtherChannels: Bool
    /// The plan's next channel on which the person has an address: takes what this channel refuses for its content.
    let nextChannel: Channel?
    /// The channels of the plan before this one are out already.
    let beginsAtChannel: Bool

    init(
        ledgerID: Int64, delivery: DeliveryID, change: DeliveryChange, address: Address?, category: String,
        resendsUnknown: Bool, hasFurtherChannels: Bool, nextChannel: Channel? = nil, beginsAtChannel: Bool = false
    ) {
        self.ledgerID = ledgerID
        self.delivery = delivery
        self.change = change
        self.address = address
        self.category = category
        self.resendsUnknown = resendsUnknown
        self.hasFurtherChannels = hasFurtherChannels
        self.nextChannel = nextChannel
        self.beginsAtChannel = beginsAtChannel
    }
}
