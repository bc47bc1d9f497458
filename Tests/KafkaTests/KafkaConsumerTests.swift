import Kafka
import MockBrokers
import Testing

@Suite("Kafka is read through librdkafka", .serialized)
struct KafkaConsumerTests {
    private static let values = (0..<3).map { partition in (0..<40).map { "\(partition):\($0)" } }

    private static func consumer(_ brokers: MockBrokers) throws -> KafkaConsumer {
        let consumer = try KafkaConsumer([
            ("bootstrap.servers", brokers.servers), ("group.id", "sobre"), ("auto.offset.reset", "earliest"),
            ("session.timeout.ms", "6000"),
        ])
        try consumer.subscribe(to: ["orders"])
        return consumer
    }

    /// Polls until the group has an assignment.
    private static func assignment(_ consumer: KafkaConsumer) throws -> [KafkaPartition] {
        let deadline = ContinuousClock.now + .seconds(60)
        var seen: [String] = []
        while ContinuousClock.now < deadline {
            let news = consumer.poll(atMost: 100, bytes: 1 << 20, wait: .milliseconds(200), linger: .zero)
            if case .assigned(let partitions)? = news.change { return partitions }
            seen += news.errors.map { "\($0)" }
            if let change = news.change { seen.append("\(change)") }
        }
        Issue.record("no partitions were assigned in 60 s: \(seen)")
        return []
    }

    /// Polls until so many records have arrived.
    private static func records(
        _ consumer: KafkaConsumer, _ count: Int, atMost batch: Int = 7, bytes: Int = 1 << 20
    ) throws -> [KafkaRecord] {
        var records: [KafkaRecord] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while records.count < count, ContinuousClock.now < deadline {
            let news = consumer.poll(
                atMost: batch, bytes: bytes, wait: .milliseconds(200), linger: .milliseconds(20))
            #expect(news.records.count <= batch)
            records += news.records
        }
        return records
    }

    private static func text(_ records: [KafkaRecord], of partition: Int32) -> [String] {
        records.filter { $0.partition.partition == partition }.map { String(decoding: $0.value, as: UTF8.self) }
    }

    @Test("all records of the group's partitions arrive in the order of each partition")
    func order() async throws {
        let brokers = try await MockBrokers(topic: "orders", partitions: Self.values)
        defer { brokers.stop() }
        let consumer = try Self.consumer(brokers)
        defer { consumer.close() }
        let partitions = try Self.assignment(consumer)
        #expect(Set(partitions.map(\.partition)) == [0, 1, 2])
        try consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, nil) }))
        let records = try Self.records(consumer, 120)
        #expect(records.count == 120)
        for partition in Int32(0)..<3 {
            #expect(Self.text(records, of: partition) == Self.values[Int(partition)])
            #expect(records.filter { $0.partition.partition == partition }.map(\.offset) == Array(0..<40))
        }
        #expect(consumer.range(of: partitions[0]) == 0..<40)
    }

    @Test("reading begins at the offsets that are given, and no commit of the group is used")
    func offsets() async throws {
        let brokers = try await MockBrokers(topic: "orders", partitions: Self.values)
        defer { brokers.stop() }
        // The first reader takes everything and leaves the group. The second one begins where it is told.
        for start in [Int64(0), 25] {
            let consumer = try Self.consumer(brokers)
            let partitions = try Self.assignment(consumer)
            try consumer.assign(Dictionary(uniqueKeysWithValues: partitions.map { ($0, start) }))
            let records = try Self.records(consumer, 3 * (40 - Int(start)))
            for partition in Int32(0)..<3 {
                #expect(Self.text(records, of: partition) == Array(Self.values[Int(partition)][Int(start)...]))
            }
            // What is assigned anew is read again from there.
            try consumer.assign([KafkaPartition(topic: "orders", partition: 1): 38])
            #expect(Self.text(try Self.records(consumer, 2), of: 1) == ["1:38", "1:39"])
            consumer.close()
        }
    }

    @Test("a batch ends with the record that reaches the bound of bytes")
    func bytes() async throws {
        let brokers = try await MockBrokers(topic: "orders", partitions: [Self.values[0]])
        defer { brokers.stop() }
        let consumer = try Self.consumer(brokers)
        defer { consumer.close() }
        let partitions = try Self.assignment(consumer)
        try consumer.assign([partitions[0]: 0])
        var records: [KafkaRecord] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while records.count < 10, ContinuousClock.now < deadline {
            let news = consumer.poll(atMost: 99, bytes: 5, wait: .milliseconds(200), linger: .seconds(1))
            // Two values of three bytes reach five.
            #expect(news.records.count <= 2)
            records += news.records
        }
        #expect(records.prefix(10).map(\.offset) == Array(0..<10))
    }

    @Test("a property that the library does not know is refused with its words")
    func properties() throws {
        #expect(try Kafka.version().hasPrefix("2."))
        try Kafka.check([("security.protocol", "sasl_ssl"), ("sasl.mechanism", "SCRAM-SHA-512")])
        let unknown = #expect(throws: KafkaError.self) { try Kafka.check([("sesion.timeout.ms", "1")]) }
        #expect(unknown?.code == .configuration)
        #expect(unknown?.description == "sesion.timeout.ms: No such configuration property: \"sesion.timeout.ms\"")
        let range = #expect(throws: KafkaError.self) { try KafkaConsumer([("session.timeout.ms", "0")]) }
        #expect(range?.code == .configuration)
        let groupless = #expect(throws: KafkaError.self) {
            try KafkaConsumer([("bootstrap.servers", "127.0.0.1:1")])
        }
        #expect(groupless?.code == .configuration)
    }

    @Test("brokers that cannot be reached are reported, and the call returns")
    func unreachable() throws {
        let consumer = try KafkaConsumer([("bootstrap.servers", "127.0.0.1:1"), ("group.id", "sobre")])
        defer { consumer.close() }
        try consumer.subscribe(to: ["orders"])
        var errors: [KafkaError] = []
        let deadline = ContinuousClock.now + .seconds(30)
        while errors.isEmpty, ContinuousClock.now < deadline {
            errors += consumer.poll(atMost: 9, bytes: 9, wait: .milliseconds(200), linger: .zero).errors
        }
        #expect(errors.contains { !$0.isFatal && $0.description.contains("127.0.0.1:1") })
    }
}
