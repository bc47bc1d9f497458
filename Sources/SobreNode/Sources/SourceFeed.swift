import Kafka
import SobreIntake
import SobreModel
import SobreSettings
import SobreStore
import SobreWire
import Threads

/// Takes messages from one source, as a member of its group.
///
/// A batch of records is stored in one transaction with the positions after it. Positions are read from the store
/// whenever partitions are assigned, so a crash, a rebalance or a batch that was not stored takes no record twice and
/// leaves none out. What is not stored is read again.
struct SourceFeed {
    private let source: IntakeSource
    private let intake: Intake
    private let store: any SourceStore
    private let acceptance: AcceptanceCounter
    private let consumer: KafkaConsumer
    private let thread: WorkerThreads
    private let progress: SourceProgress
    private let time: any TimeSource
    private var gate: SourceGate

    /// The partitions that the group has given to this reader.
    private var assigned: [KafkaPartition] = []
    /// Where each partition goes on; empty while nothing is read.
    private var positions: [SourcePartition: Int64] = [:]
    /// When reading may go on; nil: it does.
    private var resumeAt: ContinuousClock.Instant?
    private var nextLook = ContinuousClock.now

    /// How long a poll waits, which bounds how long a stop waits for it.
    private static let wait = Duration.milliseconds(200)
    private static let reachWait = Duration.seconds(1)
    /// How often brokers that failed are asked, and the lag is read.
    private static let interval = Duration.seconds(1)

    /// Makes a reader and joins the group.
    ///
    /// - Throws: `KafkaError` when the library refuses a property.
    init(
        _ ready: SourceSetup.Ready, intake: Intake, store: any SourceStore, gate: SourceGate,
        acceptance: AcceptanceCounter, progress: SourceProgress, thread: WorkerThreads, time: any TimeSource
    ) throws(KafkaError) {
        source = ready.source
        self.intake = intake.acting(as: "source:\(ready.source.name)")
        self.store = store
        self.acceptance = acceptance
        self.gate = gate
        self.progress = progress
        self.thread = thread
        self.time = time
        consumer = try KafkaConsumer(ready.properties)
        try consumer.subscribe(to: ready.source.topics)
    }

    /// Leaves the group.
    func close() async { await thread.run { [consumer] in consumer.close() } }

    /// Takes what has arrived.
    ///
    /// - Throws: `KafkaError` when the reader must be made anew.
    mutating func step() async throws(KafkaError) {
        let limits = source.limits
        let poll = await thread.run { [consumer] in
            consumer.poll(
                atMost: limits.batch, bytes: limits.maxBatchBytes, wait: Self.wait, linger: limits.linger)
        }
        if resumeAt == nil, !poll.records.isEmpty { try await take(poll.records) }
        if let change = poll.change { try apply(change) }
        if let error = poll.errors.first(where: \.isFatal) { throw error }
        if let error = poll.errors.last, poll.records.isEmpty { progress.become(.failing, error.description) }
        try await closeGate()
        try await resume()
        await look()
    }

    private mutating func take(_ records: [KafkaRecord]) async throws(KafkaError) {
        var entries: [SourceBatch.Entry] = []
        entries.reserveCapacity(records.count)
        var ends: [SourcePartition: Int64] = [:]
        for record in records {
            let partition = SourcePartition(record.partition)
            entries.append(intake.entry(of: record.value, in: partition, at: record.offset))
            ends[partition] = record.offset + 1
        }
        let moves = ends.map { SourceBatch.Move($0.key, from: positions[$0.key], to: $0.value) }
        let batch = intake.batch(of: source.name, entries, moves)
        let now = time.now()
        let result: SourceResult
        do throws(StoreError) {
            result = try await store.enqueue(batch)
        } catch {
            progress.become(.paused, error.message)
            try suspend(for: source.limits.backoff)
            return
        }
        switch result {
        case .moved: try suspend(for: .zero)
        case .stored(let results, let rejected):
            positions.merge(ends) { $1 }
            acceptance.count(batch.submissions, results, at: now)
            progress.count(results, rejected: rejected, records: records.count, at: now)
            progress.become(.reading)
        }
    }

    private mutating func apply(_ change: KafkaPoll.AssignmentChange) throws(KafkaError) {
        switch change {
        case .revoked:
            assigned = []
            progress.become(.starting)
        case .assigned(let partitions): assigned = partitions
        }
        try suspend(for: .zero)
    }

    /// Reads nothing for a time. What was fetched ahead is dropped and read again.
    private mutating func suspend(for wait: Duration) throws(KafkaError) {
        try consumer.unassign()
        positions = [:]
        resumeAt = ContinuousClock.now + wait
    }

    private mutating func closeGate() async throws(KafkaError) {
        let why: String?
        do { why = try await gate.closed() } catch { why = error.message }
        guard let why else { return }
        if resumeAt == nil { try suspend(for: .zero) }
        progress.become(.paused, why)
        resumeAt = ContinuousClock.now + Self.interval
    }

    /// Goes on from the positions in the store once it is time.
    private mutating func resume() async throws(KafkaError) {
        guard let resumeAt, resumeAt <= ContinuousClock.now, !assigned.isEmpty else { return }
        do throws(StoreError) {
            positions = try await store.positions(of: source.name)
        } catch {
            progress.become(.paused, error.message)
            self.resumeAt = ContinuousClock.now + source.limits.backoff
            return
        }
        var offsets: [KafkaPartition: Int64?] = [:]
        for partition in assigned { offsets[partition] = .some(positions[SourcePartition(partition)]) }
        try consumer.assign(offsets)
        self.resumeAt = nil
        progress.become(.reading)
    }

    /// Shows how far reading has come, and asks brokers that failed.
    private mutating func look() async {
        let now = ContinuousClock.now
        guard now >= nextLook else { return }
        nextLook = now + Self.interval
        progress.show(assigned.map { place(of: $0) }.sorted { $0.place < $1.place })
        guard progress.status.condition == .failing else { return }
        let fault = await thread.run { [consumer] () -> KafkaError? in
            do throws(KafkaError) {
                try consumer.reach(wait: Self.reachWait)
                return nil
            } catch { return error }
        }
        if let fault {
            progress.become(.failing, fault.description)
        } else {
            progress.become(assigned.isEmpty ? .starting : .reading)
        }
    }

    private func place(of partition: KafkaPartition) -> SourceStatus.Partition {
        let place = SourcePartition(partition)
        let next = positions[place]
        let lag = consumer.range(of: partition).map { max(0, $0.upperBound - (next ?? $0.lowerBound)) }
        return .init(place: place, next: next, lag: lag)
    }
}

extension SourcePartition {
    fileprivate init(_ partition: KafkaPartition) {
        self.init(topic: partition.topic, partition: partition.partition)
    }
}
