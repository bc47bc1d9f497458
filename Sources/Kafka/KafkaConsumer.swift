import CRdKafka
internal import Threads

/// A member of a consumer group. It reads from offsets that the caller names and commits none to the brokers.
///
/// librdkafka fetches records ahead on threads of its own, within the bounds of its properties. ``poll`` takes what has
/// arrived. Every function but `init` is called by one thread at a time.
///
/// `@unchecked Sendable` is right: the pointers are set once, librdkafka's functions may be called from any thread, and
/// `isClosed` is touched by the one caller at a time.
public final class KafkaConsumer: @unchecked Sendable {
    private let library: KafkaLibrary
    private let handle: OpaquePointer
    private let queue: OpaquePointer
    private var isClosed = false

    /// Properties that this type sets, and on which it rests.
    public static let ownProperties = [
        "enable.auto.commit", "enable.auto.offset.store", "enable.partition.eof", "partition.assignment.strategy",
    ]

    /// `RD_KAFKA_PARTITION_UA`, a macro with a cast, which Swift does not import.
    private static let anyPartition: Int32 = -1

    /// Makes a consumer. It connects in the background.
    ///
    /// - Parameter properties: names and values as librdkafka's documentation lists them.
    /// - Throws: ``KafkaError`` when the library is missing or refuses a property.
    public init(_ properties: [(name: String, value: String)]) throws(KafkaError) {
        let library = try KafkaLibrary.load()
        let own = zip(Self.ownProperties, ["false", "false", "false", "range,roundrobin"])
        let configuration = try library.configuration(properties + own.map { (name: $0, value: $1) })
        library.call.rd_kafka_conf_set_events(configuration, RD_KAFKA_EVENT_REBALANCE | RD_KAFKA_EVENT_ERROR)
        // The library would write to standard error. What matters comes as an error event, too.
        library.call.rd_kafka_conf_set_log_cb(configuration, nil)
        let (made, why) = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { why in
            why.initialize(repeating: 0)
            let made = library.call.rd_kafka_new(RD_KAFKA_CONSUMER, configuration, why.baseAddress, why.count)
            // Never nil: 512 bytes were asked for.
            return (made, String(cString: why.baseAddress!))
        }
        guard let handle = made else {
            // The library takes the configuration over only when it succeeds.
            library.call.rd_kafka_conf_destroy(configuration)
            throw KafkaError(.configuration, why)
        }
        _ = library.call.rd_kafka_poll_set_consumer(handle)
        guard let queue = library.call.rd_kafka_queue_get_consumer(handle) else {
            library.call.rd_kafka_destroy(handle)
            throw KafkaError(.configuration, "group.id is missing")
        }
        self.library = library
        self.handle = handle
        self.queue = queue
    }

    deinit { close() }

    /// Leaves the group and stops. Further calls do nothing.
    public func close() {
        if isClosed { return }
        isClosed = true
        library.call.rd_kafka_queue_destroy(queue)
        _ = library.call.rd_kafka_consumer_close(handle)
        library.call.rd_kafka_destroy(handle)
    }

    /// Joins the group for topics. The answer comes with a later ``poll``.
    ///
    /// - Parameter topics: the names; one that begins with `^` is a regular expression.
    /// - Throws: ``KafkaError`` when a name is invalid.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        try withList(topics.map { (KafkaPartition(topic: $0, partition: Self.anyPartition), 0) }) { list in
            library.call.rd_kafka_subscribe(handle, list)
        }
    }

    /// Reads from the given offsets. Replaces what was assigned before, and drops what was fetched for it.
    ///
    /// - Parameter offsets: the next offset of each partition; nil: where `auto.offset.reset` says.
    /// - Throws: ``KafkaError`` when the consumer has failed for good.
    public func assign(_ offsets: [KafkaPartition: Int64?]) throws(KafkaError) {
        try withList(offsets.map { ($0.key, $0.value ?? Int64(RD_KAFKA_OFFSET_INVALID)) }) { list in
            library.call.rd_kafka_assign(handle, list)
        }
    }

    /// Reads nothing until the next assignment.
    ///
    /// - Throws: ``KafkaError`` when the consumer has failed for good.
    public func unassign() throws(KafkaError) { try check(library.call.rd_kafka_assign(handle, nil)) }

    /// The first and the next offset of an assigned partition, as the last fetch reported them.
    ///
    /// - Parameter partition: the partition.
    /// - Returns: nil when nothing was fetched yet.
    public func range(of partition: KafkaPartition) -> Range<Int64>? {
        var low: Int64 = -1
        var high: Int64 = -1
        let code = library.call.rd_kafka_get_watermark_offsets(
            handle, partition.topic, partition.partition, &low, &high)
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR, high >= 0 else { return nil }
        return max(0, min(low, high))..<high
    }

    /// Asks the brokers for what they know of the topics, to learn whether they answer again.
    ///
    /// - Parameter wait: the longest wait for the answer.
    /// - Throws: ``KafkaError`` when none of them answers.
    public func reach(wait: Duration) throws(KafkaError) {
        var answer: UnsafePointer<rd_kafka_metadata>?
        try check(library.call.rd_kafka_metadata(handle, 0, nil, &answer, Int32(clamping: wait.wholeMilliseconds)))
        if let answer { library.call.rd_kafka_metadata_destroy(answer) }
    }

    /// Takes what has arrived, at most until a change of the assignment.
    ///
    /// - Parameters:
    ///   - count: the maximum number of records.
    ///   - bytes: no further record is taken once the values have so many bytes.
    ///   - wait: the longest wait for the first record.
    ///   - linger: how long further records are waited for.
    /// - Returns: what has arrived.
    public func poll(atMost count: Int, bytes: Int, wait: Duration, linger: Duration) -> KafkaPoll {
        var news = KafkaPoll()
        var taken = 0
        var deadline = MonotonicTime.now().advanced(byMilliseconds: wait.wholeMilliseconds)
        while news.records.count < count, taken < bytes, news.change == nil {
            let left = MonotonicTime.now().milliseconds(until: deadline)
            guard let event = library.call.rd_kafka_queue_poll(queue, Int32(clamping: left)) else { break }
            defer { library.call.rd_kafka_event_destroy(event) }
            let isFirst = news.records.isEmpty
            read(event, into: &news, &taken)
            if isFirst, !news.records.isEmpty {
                deadline = MonotonicTime.now().advanced(byMilliseconds: linger.wholeMilliseconds)
            }
            // A broker that is away may report so without end.
            if news.errors.count >= count { break }
        }
        return news
    }

    private func read(_ event: OpaquePointer, into news: inout KafkaPoll, _ taken: inout Int) {
        switch library.call.rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_FETCH:
            while let message = library.call.rd_kafka_event_message_next(event) {
                add(message.pointee, to: &news)
                taken += message.pointee.len
            }
        case RD_KAFKA_EVENT_REBALANCE:
            if library.call.rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
                news.change = .assigned(partitions(library.call.rd_kafka_event_topic_partition_list(event)))
            } else {
                news.change = .revoked
            }
        case RD_KAFKA_EVENT_ERROR:
            let code = library.call.rd_kafka_event_error(event)
            let words = KafkaLibrary.text(library.call.rd_kafka_event_error_string(event))
            let isFatal = library.call.rd_kafka_event_error_is_fatal(event) != 0
            news.errors.append(
                KafkaError(
                    isFatal ? .fatal(code.rawValue) : .broker(code.rawValue),
                    words.isEmpty ? library.words(code) : words))
        default: break
        }
    }

    private func add(_ message: rd_kafka_message_t, to news: inout KafkaPoll) {
        let topic = KafkaLibrary.text(message.rkt.flatMap { library.call.rd_kafka_topic_name($0) })
        if message.err != RD_KAFKA_RESP_ERR_NO_ERROR {
            news.errors.append(
                KafkaError(
                    .broker(message.err.rawValue), "\(topic)/\(message.partition): \(library.words(message.err))"))
            return
        }
        // The event owns the value; it is copied before the event is destroyed.
        let value = UnsafeRawBufferPointer(start: message.payload, count: message.payload == nil ? 0 : message.len)
        news.records.append(
            KafkaRecord(
                partition: KafkaPartition(topic: topic, partition: message.partition), offset: message.offset,
                value: [UInt8](value)))
    }

    private func partitions(
        _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?
    ) -> [KafkaPartition] {
        guard let list, list.pointee.cnt > 0 else { return [] }
        return UnsafeBufferPointer(start: list.pointee.elems, count: Int(list.pointee.cnt)).map { element in
            KafkaPartition(topic: String(cString: element.topic), partition: element.partition)
        }
    }

    /// Calls `body` with a list that ends with the call. librdkafka copies what it keeps.
    private func withList(
        _ offsets: [(KafkaPartition, Int64)],
        _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> rd_kafka_resp_err_t
    ) throws(KafkaError) {
        // Never nil: the library ends the process when memory is exhausted.
        let list = library.call.rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))!
        defer { library.call.rd_kafka_topic_partition_list_destroy(list) }
        for (partition, offset) in offsets {
            library.call.rd_kafka_topic_partition_list_add(list, partition.topic, partition.partition)!.pointee
                .offset = offset
        }
        try check(body(list))
    }

    private func check(_ code: rd_kafka_resp_err_t) throws(KafkaError) {
        if code == RD_KAFKA_RESP_ERR_NO_ERROR { return }
        let isFatal = code == RD_KAFKA_RESP_ERR__FATAL
        throw KafkaError(isFatal ? .fatal(code.rawValue) : .broker(code.rawValue), library.words(code))
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int {
        Int(clamping: components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000)
    }
}
