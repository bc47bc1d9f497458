import SobreDelivery
import SobreModel

/// What the completer must remember of an attempt while the provider has it.
struct SentParcel: Sendable {
    var ledgerID: Int64
    /// The log entry to be completed: delivery, attempt, channel, provider, versions.
    var entry: LogEntry
    /// Nil when only the intent is known: after a crash.
    var address: Address?
    var category: String
    /// The category's messages are sent once more when their outcome is unknown.
    var resendsUnknown: Bool
    /// The plan has channels that were not tried.
    var hasFurtherChannels: Bool
    /// The plan's next channel on which the person has an address: takes what this channel refuses for its content.
    var nextChannel: Channel?
    /// The channels of the plan before this one are out already.
    var beginsAtChannel = false
    /// False when the provider was never asked: then it bears no blame, and the message has used up no attempt.
    var hasBegun = true
}
