import SobreModel
import SobreSettings
import SobreStore
import SobreStoreColumns
import Synchronization

/// How many deliveries wait, by state, channel, campaign and reason.
///
/// The writer changes the counts in memory when a transaction is committed: a few additions for a batch, because the
/// deliveries of a batch are mostly alike. Readers get a copy, without waiting for the writer's transactions. Counting
/// the rows of the queue instead would take half a second for a million of them, and rows of counts in the database
/// would be written with every transaction. At the start the counts are read from the queue, once.
///
/// The number of campaigns that are counted one by one is limited. What is put in the queue beyond it is counted
/// together, and its row says so (`QueueFlags.furtherCampaign`), so that it is subtracted where it was added.
final class QueueCounters: Sendable {
    /// What is counted together.
    struct Key: Hashable {
        var state: DeliveryState
        var channel: Channel
        /// Nil for the deliveries of further campaigns.
        var campaign: KeyHash?
        var reason: String

        init(state: DeliveryState, channel: Channel, campaign: KeyHash, reason: String, flags: QueueFlags) {
            self.state = state
            self.channel = channel
            self.campaign = flags.contains(.furtherCampaign) ? nil : campaign
            self.reason = reason
        }

        init(_ row: QueueRow) {
            self.init(
                state: row.state, channel: row.channel, campaign: row.campaign, reason: row.reason, flags: row.flags)
        }
    }

    struct Campaign {
        var name: String
        var waiting: Int
    }

    struct Counts {
        var groups: [Key: Int] = [:]
        var campaigns: [KeyHash: Campaign] = [:]
        var inFlight = 0
    }

    /// The changes of one transaction.
    struct Changes {
        private(set) var counts: [(key: Key, change: Int)] = []
        private(set) var names: [KeyHash: String] = [:]

        /// Batches mix few groups, so the newest are looked through and none is looked up.
        private static let searched = 4

        mutating func add(_ key: Key, _ change: Int) {
            for index in counts.indices.suffix(Self.searched).reversed() where counts[index].key == key {
                counts[index].change += change
                return
            }
            counts.append((key, change))
        }

        mutating func register(_ campaign: KeyHash, _ name: String) { names[campaign] = name }

        mutating func removeAll() {
            counts.removeAll(keepingCapacity: true)
            if !names.isEmpty { names.removeAll(keepingCapacity: true) }
        }
    }

    private let state = Mutex(Counts())
    private let maxCampaigns: Int

    init(maxCampaigns: Int) { self.maxCampaigns = maxCampaigns }

    var counts: Counts { state.withLock { $0 } }

    /// Whether a campaign that is put in the queue is counted by itself. Called by the writer only.
    ///
    /// - Parameters:
    ///   - campaign: the campaign, which is not `none`.
    ///   - changes: the changes of the transaction so far.
    /// - Returns: whether it is known; nil: it is not, and there is room for it.
    func isCounted(_ campaign: KeyHash, _ changes: Changes) -> Bool? {
        if changes.names[campaign] != nil { return true }
        return state.withLock { counts in
            if counts.campaigns[campaign] != nil { return true }
            return counts.campaigns.count + changes.names.count < maxCampaigns ? nil : false
        }
    }

    /// Applies the changes of a committed transaction.
    func apply(_ changes: Changes, inFlight: Int) {
        state.withLock { counts in
            counts.inFlight = inFlight
            for (campaign, name) in changes.names { counts.campaigns[campaign] = Campaign(name: name, waiting: 0) }
            for (key, change) in changes.counts where change != 0 {
                counts.groups[key, default: 0] += change
                if let campaign = key.campaign { counts.campaigns[campaign]?.waiting += change }
            }
            for (key, _) in changes.counts {
                if counts.groups[key] == 0 { counts.groups[key] = nil }
                if let campaign = key.campaign, counts.campaigns[campaign]?.waiting == 0 {
                    counts.campaigns[campaign] = nil
                }
            }
            // Taken and put back again in one transaction, or only registered.
            for campaign in changes.names.keys where counts.campaigns[campaign]?.waiting == 0 {
                counts.campaigns[campaign] = nil
            }
        }
    }

    /// Reads the counts from the queue. A million rows take about half a second.
    ///
    /// - Parameter connection: a connection with the queue.
    /// - Returns: the number of waiting deliveries.
    /// - Throws: `StoreError` when a row cannot be read.
    func load(_ connection: OpaquePointer) throws(StoreError) -> Int {
        let row = try Statement("SELECT state, channel, campaign, reason, flags, delivery FROM queue", on: connection)
        let message = try Statement("SELECT campaign FROM message WHERE id = ?", on: connection)
        var counts = Counts()
        var waiting = 0
        while try row.step() {
            waiting += 1
            let id = row.int(5)
            let key = Key(
                state: try row.value(0, in: "queue.state", of: id),
                channel: try row.value(1, in: "queue.channel", of: id),
                campaign: row.keyHash(2), reason: row.string(3), flags: QueueFlags(rawValue: row.int(4)))
            counts.groups[key, default: 0] += 1
            guard let campaign = key.campaign, campaign != .none else { continue }
            if counts.campaigns[campaign] == nil {
                message.bind(1, DeliveryID(rawValue: id).message.rawValue)
                defer { message.reset() }
                counts.campaigns[campaign] = Campaign(name: try message.step() ? message.string(0) : "", waiting: 0)
            }
            counts.campaigns[campaign]?.waiting += 1
        }
        let loaded = counts
        state.withLock { $0 = loaded }
        return waiting
    }
}
