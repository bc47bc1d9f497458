import SobreModel
import SobreStore

/// Says when nothing may be taken from a log, because what is taken has no place.
///
/// The log keeps its records meanwhile, which is what it is for.
struct SourceGate {
    let store: any LogStore
    let location: any StoreLocation
    let lowRoomBytes: Int
    let maxWaiting: Int
    private var nextLook = ContinuousClock.now
    private var reason: String?

    /// How often it is looked, and how much rarer than a look takes.
    private static let interval = Duration.seconds(1)
    private static let restAfterLook = 20

    init(store: any LogStore, location: any StoreLocation, lowRoomBytes: Int, maxWaiting: Int) {
        self.store = store
        self.location = location
        self.lowRoomBytes = lowRoomBytes
        self.maxWaiting = maxWaiting
    }

    /// Why nothing may be taken now; nil: it may.
    mutating func closed() async throws(StoreError) -> String? {
        let begun = ContinuousClock.now
        guard begun >= nextLook else { return reason }
        reason = try await look()
        let ended = ContinuousClock.now
        nextLook = ended + max(Self.interval, (ended - begun) * Self.restAfterLook)
        return reason
    }

    private func look() async throws(StoreError) -> String? {
        if let room = location.room, room < lowRoomBytes {
            return "Only \(room >> 20) MiB are free for the data, less than monitor.low_room. Free some space."
        }
        let totals = try await store.totals()
        let waiting = DeliveryState.allCases.reduce(0) { $0 + ($1.isPending ? totals[$1] ?? 0 : 0) }
        guard waiting >= maxWaiting else { return nil }
        return "\(waiting) deliveries wait, max_waiting is \(maxWaiting). Reading goes on when fewer wait."
    }
}
