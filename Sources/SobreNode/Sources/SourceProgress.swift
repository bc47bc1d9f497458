import Logging
import Metrics
import SobreModel
import SobreStore
import SobreWire
import Synchronization

/// What the reader of one source does, for operators.
final class SourceProgress: Sendable {
    let name: String
    private let logger: Logger
    private let state: Mutex<SourceStatus>
    private let accepted: Counter
    private let replayed: Counter
    private let rejected: Counter

    init(_ name: String, logger: Logger) {
        self.name = name
        self.logger = logger
        state = Mutex(SourceStatus(name: name, condition: .starting))
        func counter(_ outcome: String) -> Counter {
            Counter(label: "sobre_source_records_total", dimensions: [("source", name), ("outcome", outcome)])
        }
        (accepted, replayed, rejected) = (counter("accepted"), counter("replayed"), counter("rejected"))
    }

    var status: SourceStatus { state.withLock { $0 } }

    /// Changes the condition, and says so in the log once.
    func become(_ condition: SourceStatus.Condition, _ why: String? = nil) {
        let before = state.withLock { status in
            defer { (status.condition, status.why) = (condition, why) }
            return status.condition
        }
        if before == condition { return }
        switch condition {
        case .paused, .failing, .broken:
            logger.warning("a source is not read", metadata: ["source": "\(name)", "why": "\(why ?? "")"])
        case .reading: logger.notice("a source is read", metadata: ["source": "\(name)"])
        case .starting, .stopped: break
        }
    }

    /// Counts a batch that was stored.
    func count(_ results: [SubmissionResult], rejected count: Int, records: Int, at now: Instant) {
        var new = 0
        var known = 0
        for result in results {
            switch result {
            case .accepted: new += 1
            case .replayed: known += 1
            case .conflict: break
            }
        }
        accepted.increment(by: new)
        replayed.increment(by: known)
        rejected.increment(by: count)
        state.withLock { status in
            status.records += records
            status.lastStoredAt = now
        }
    }

    func show(_ partitions: [SourceStatus.Partition]) { state.withLock { $0.partitions = partitions } }
}
