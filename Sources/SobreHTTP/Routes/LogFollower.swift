import JSON
import NIOCore
import ServiceLifecycle
import SobreModel
import SobreStore
import Synchronization

/// Bounds the clients that follow the log at the same time.
final class FollowerGate: Sendable {
    private let free: Atomic<Int>

    init(limit: Int) { free = Atomic(limit) }

    /// A place, given back when it is released; nil when all are taken.
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

/// Writes new entries of the log as server-sent events until the client goes or the server stops.
///
/// It asks the store a few times a second: the log's readers share no lock with its writers.
struct LogFollower: Sendable {
    let store: any LogStore
    let filter: LogQuery
    let start: Int64
    /// Held for as long as this lives.
    let slot: FollowerSlot
    /// Between two looks at the log.
    var interval = Duration.milliseconds(200)
    /// A comment is written after this much silence, so that a dead client is noticed.
    var heartbeat = Duration.seconds(15)

    func run(_ write: (ByteBuffer) async throws -> Void) async throws {
        let stopping = StopFlag()
        try await withGracefulShutdownHandler {
            try await follow(until: stopping, write)
        } onGracefulShutdown: {
            stopping.set()
        }
    }

    private func follow(until stopping: StopFlag, _ write: (ByteBuffer) async throws -> Void) async throws {
        try await write(ByteBuffer(string: ": following\n\n"))
        var filter = filter
        filter.limit = 500
        var after = start
        var lastWrite = ContinuousClock.now
        while !stopping.isSet, !Task.isCancelled {
            // What a filter hides moves the place too, so that no look reads the same rows again.
            let newest = try await store.log(LogQuery(limit: 1)).first?.entry.sequence ?? 0
            guard newest > after else {
                if ContinuousClock.now - lastWrite > heartbeat {
                    try await write(ByteBuffer(string: ": still here\n\n"))
                    lastWrite = .now
                }
                try await Task.sleep(for: interval)
                continue
            }
            filter.direction = .after(after)
            let rows = try await store.log(filter)
            if !rows.isEmpty {
                try await write(events(rows))
                lastWrite = .now
            }
            after =
                rows.count == filter.limit
                ? rows[rows.count - 1].entry.sequence : max(newest, rows.last?.entry.sequence ?? 0)
        }
    }

    private func events(_ rows: [LogRow]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for row in rows {
            var writer = JSONWriter()
            Wire.write(row, to: &writer)
            buffer.writeString("id: \(row.entry.sequence)\nevent: entry\ndata: ")
            buffer.writeBytes(writer.bytes)
            buffer.writeString("\n\n")
        }
        return buffer
    }
}

/// A flag that is set once.
final class StopFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
