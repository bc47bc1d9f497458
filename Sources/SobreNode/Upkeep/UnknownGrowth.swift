import SobreModel

/// How many more deliveries have an unknown outcome than there were a while ago.
struct UnknownGrowth {
    /// The least count of each part of the window, oldest first.
    private var parts: [(since: Instant, least: Int)] = []
    /// How many there were when they were counted last.
    private(set) var total = 0

    private static let partsOfWindow = 64

    /// How many more there are than at the least within the window.
    var growth: Int { parts.map(\.least).min().map { total - $0 } ?? 0 }

    /// Adds a count.
    ///
    /// - Parameters:
    ///   - count: the deliveries whose outcome is unknown now.
    ///   - now: the present time.
    ///   - window: how far back counts are compared.
    mutating func add(_ count: Int, at now: Instant, window: Duration) {
        total = count
        // The clock may also have been set back.
        parts.removeAll { now - $0.since > window || $0.since > now }
        if let last = parts.last, now - last.since < window / Self.partsOfWindow {
            parts[parts.count - 1].least = min(last.least, count)
        } else {
            parts.append((now, count))
        }
    }
}
