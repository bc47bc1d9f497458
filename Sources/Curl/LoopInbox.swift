import Synchronization
import Threads

/// The locked inbox between all other threads and the loop thread.
///
/// It wakes the loop while holding its lock, so that the target of the wakeup cannot be freed in between.
///
/// It is not a `ThreadInbox`: a loop waits for its sockets too and not on a condition, its bound also counts the
/// requests that were taken and have not begun, a batch may be accepted in part, and cancellations are never refused.
final class LoopInbox<Entry: Sendable>: Sendable {
    /// What the loop thread takes at once.
    struct Batch {
        var entries: [Entry] = []
        var cancellations: [TransferID] = []
        var stopsAt: MonotonicTime?
    }

    private struct State {
        var batch = Batch()
        /// Requests that wait anywhere in the loop, including those taken by the loop thread but not yet started.
        var waiting = 0
        var nextID: UInt64 = 1
        var isWoken = false
        var isClosed = false
        var isFinished = false
        var wake: (@Sendable () -> Void)?
        var finishers: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let maxWaiting: Int

    init(maxWaiting: Int) {
        self.maxWaiting = maxWaiting
    }

    /// A new id.
    func makeID() -> TransferID {
        state.withLock { state in
            defer { state.nextID += 1 }
            return TransferID(number: state.nextID)
        }
    }

    /// Adds as many entries as the bound allows, with at most one wakeup. Returns how many, and why the rest was
    /// refused.
    ///
    /// The accepted ones are the first of `entries`.
    func add(_ entries: [Entry]) -> (accepted: Int, refusal: TransferFailure?) {
        state.withLock { state in
            guard !state.isClosed else { return (0, .shutDown) }
            // A returning entry may find its slot taken. Then more entries wait than the bound.
            let accepted = max(0, min(entries.count, maxWaiting - state.waiting))
            state.waiting += accepted
            if accepted == entries.count {
                state.batch.entries.append(contentsOf: entries)
            } else {
                state.batch.entries.append(contentsOf: entries[..<accepted])
            }
            if accepted > 0 { Self.wake(&state) }
            return (accepted, accepted == entries.count ? nil : .overloaded(maxWaiting: maxWaiting))
        }
    }

    /// Requests the end of a transfer.
    func cancel(_ id: TransferID) {
        state.withLock { state in
            guard !state.isFinished else { return }
            state.batch.cancellations.append(id)
            Self.wake(&state)
        }
    }

    /// Accepts nothing more, and ends the loop when its transfers are done or at `stopsAt`, whichever is first.
    ///
    /// `finished` runs once the loop has ended, or at once if it already has.
    func close(stopsAt: MonotonicTime, finished: (@Sendable () -> Void)? = nil) {
        let isFinished = state.withLock { state in
            if state.isFinished { return true }
            state.isClosed = true
            state.batch.stopsAt = min(state.batch.stopsAt ?? stopsAt, stopsAt)
            if let finished { state.finishers.append(finished) }
            Self.wake(&state)
            return false
        }
        if isFinished { finished?() }
    }

    // MARK: - Loop thread

    /// Sets `wake`, by which any thread can wake the loop.
    func open(_ wake: @escaping @Sendable () -> Void) {
        state.withLock { $0.wake = wake }
    }

    /// Takes everything that has arrived. `left` is the number of waiting requests that have left since the last
    /// call.
    func take(left: Int) -> Batch {
        state.withLock { state in
            state.waiting -= left
            state.isWoken = false
            var batch = Batch()
            swap(&batch, &state.batch)
            state.batch.stopsAt = batch.stopsAt
            return batch
        }
    }

    /// Forgets the wakeup function, whose target the caller is about to free.
    func disconnect() {
        state.withLock { $0.wake = nil }
    }

    /// Records that the loop has ended.
    func finish() {
        let finishers = state.withLock { state in
            state.isFinished = true
            defer { state.finishers = [] }
            return state.finishers
        }
        for finisher in finishers { finisher() }
    }

    /// Sends one wakeup until the next `take`, however many requests arrive.
    private static func wake(_ state: inout State) {
        guard !state.isWoken, let wake = state.wake else { return }
        state.isWoken = true
        wake()
    }
}

extension TransferFailure {
    static let shutDown = TransferFailure(
        .shutDown, .notSent, "The curl loop has been shut down; nothing was sent. Submit to a running loop.")

    static func overloaded(maxWaiting: Int) -> TransferFailure {
        TransferFailure(
            .overloaded, .notSent,
            "\(maxWaiting) requests are already waiting, so nothing was sent; submit more slowly.")
    }
}
