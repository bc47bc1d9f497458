import JSON
import NIOCore
import ServiceLifecycle
import SobreModel
import SobreStore
import SobreWire
import Synchronization

/// Limits the number of clients that follow the log at the same time.
final class FollowerGate: Sendable {
    private let free: Atomic<Int>

    init(limit: Int) { free = Atomic(limit) }

    /// Takes a slot, which is returned when it is deinitialised; nil if all are taken.
    func enter() -> FollowerSlot? {
        if free.subtract(1, ordering: .relaxed).newValue >= 0 { return FollowerSlot(gate: self) }
        free.add(1, ordering: .relaxed)
        return nil
    }

    fileprivate func leave() { free.add(1, ordering: .relaxed) }
}

final class FollowerSlot: Sendable {
    private let gate: FollowerGate

    fileprivate init(gate: FollowerGate) { self.gate = gate }

    deinit { gate.leave() }
}

/// New log entries as server-sent events, until the client disconnects or the server stops.
///
/// It polls the store every ``interval``. Readers of the log share no lock with its writers.
struct LogFollower: AsyncSequence, Sendable {
    let store: any LogStore
    let filter: LogQuery
    let start: LogCursor
    /// Keeps the slot taken while the stream lives.
    let slot: FollowerSlot
    /// Whether the client is still connected.
    let isConnected: @Sendable () -> Bool
    /// The time between two polls.
    var interval = Duration.milliseconds(200)
    /// A comment is sent after this much silence, so that a dead connection is noticed.
    var heartbeat = Duration.seconds(15)

    func makeAsyncIterator() -> Iterator { Iterator(follower: self) }

    struct Iterator: AsyncIteratorProtocol {
        private let follower: LogFollower
        private var filter: LogQuery
        private var after: LogCursor
        private var lastWrite: ContinuousClock.Instant?

        init(follower: LogFollower) {
            self.follower = follower
            filter = follower.filter
            filter.limit = 500
            after = follower.start
        }

        /// The next chunk of the stream; nil if the client has disconnected or the server stops.
        mutating func next() async throws -> ByteBuffer? {
            guard let lastWrite else {
                self.lastWrite = .now
                return ByteBuffer(string: ": following\n\n")
            }
            while !Task.isShuttingDownGracefully, !Task.isCancelled, follower.isConnected() {
                if let events = try await look() {
                    self.lastWrite = .now
                    return events
                }
                if ContinuousClock.now - lastWrite > follower.heartbeat {
                    self.lastWrite = .now
                    return ByteBuffer(string: ": keep-alive\n\n")
                }
                try await Task.sleep(for: follower.interval)
            }
            return nil
        }

        /// New entries as events; nil if there are none.
        private mutating func look() async throws -> ByteBuffer? {
            filter.direction = .forward(after: after)
            let page = try await follower.store.log(filter)
            after = page.next
            return page.rows.isEmpty ? nil : Self.events(page.rows)
        }

        private static func events(_ rows: [LogRow]) -> ByteBuffer {
            var buffer = ByteBuffer()
            for row in rows {
                var writer = JSONWriter()
                Wire.write(row, to: &writer)
                buffer.writeString("id: \(row.cursor)\nevent: entry\ndata: ")
                buffer.writeBytes(writer.bytes)
                buffer.writeString("\n\n")
            }
            return buffer
        }
    }
}
