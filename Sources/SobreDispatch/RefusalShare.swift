import Synchronization

/// The share of messages that were lately refused for facts alone.
///
/// To decide before rendering saves the rendering of what is refused, and costs a second decision of what is not. So it
/// pays only while many are refused.
final class RefusalShare: Sendable {
    /// The share when everything was refused.
    private static let whole = 1 << 16
    /// The newest batch counts for an eighth; after five more it counts for half of that.
    private static let memory = 8
    private static let many = whole / 10

    private let share = Atomic<Int>(0)

    /// Whether a batch should be decided before it is rendered.
    var areMany: Bool { share.load(ordering: .relaxed) > Self.many }

    /// Counts a batch that was decided for the first time.
    ///
    /// - Parameters:
    ///   - refused: how many of it were held, dropped or expired.
    ///   - count: its size.
    func count(refused: Int, of count: Int) {
        guard count > 0 else { return }
        // Two workers may count at the same time. One batch is then left out, which does no harm.
        let share = share.load(ordering: .relaxed)
        self.share.store(share + (Self.whole * refused / count - share) / Self.memory, ordering: .relaxed)
    }
}
