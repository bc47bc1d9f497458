public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// Writes the member `sources`.
    public static func write(_ sources: [SourceStatus], to writer: inout JSONWriter) {
        writer.key("sources")
        writer.array { writer in for status in sources { write(status, to: &writer) } }
    }

    /// Writes the status of a source.
    public static func write(_ status: SourceStatus, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", status.name)
            writer.member("state", status.condition.rawValue)
            writer.member("why", ifPresent: status.why)
            writer.key("lag")
            writer.value(status.lag)
            writer.member("records", status.records)
            writer.member("rejects", status.rejects)
            writer.member("stored_at", ifPresent: status.lastStoredAt?.rfc3339)
            writer.key("partitions")
            writer.array { writer in for partition in status.partitions { write(partition, to: &writer) } }
        }
    }

    private static func write(_ partition: SourceStatus.Partition, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("topic", partition.place.topic)
            writer.member("partition", Int(partition.place.partition))
            if let next = partition.next {
                writer.key("next")
                writer.value(next)
            }
            if let lag = partition.lag {
                writer.key("lag")
                writer.value(lag)
            }
        }
    }

    /// Writes a page of rejected records.
    ///
    /// - Parameters:
    ///   - rejects: the newest first.
    ///   - next: names the next page; nil: this one is the last.
    ///   - writer: gets members of an object.
    public static func write(rejects: [RejectedRecord], next: Int64?, to writer: inout JSONWriter) {
        writer.key("rejects")
        writer.array { writer in for record in rejects { write(record, to: &writer) } }
        writer.member("next_before", ifPresent: next?.description)
    }

    /// Writes a rejected record. What is not UTF-8 in it is replaced.
    public static func write(_ record: RejectedRecord, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("sequence")
            writer.value(record.sequence)
            writer.member("source", record.source)
            writer.member("topic", record.partition.topic)
            writer.member("partition", Int(record.partition.partition))
            writer.key("offset")
            writer.value(record.offset)
            writer.member("rejected_at", record.rejectedAt.rfc3339)
            writer.member("code", record.problem.code)
            writer.member("problem", record.problem.message)
            writer.member("size", record.size)
            writer.key("record")
            writer.value(utf8: record.bytes)
        }
    }

    /// Reads the member `sources`.
    public static func readSources(_ ref: JSONRef) -> [SourceStatus] {
        ref["sources"].map { $0.elements.compactMap { readSource($0) } } ?? []
    }

    private static func readSource(_ ref: JSONRef) -> SourceStatus? {
        guard let name = ref["name"]?.string,
            let condition = ref["state"]?.string.flatMap({ SourceStatus.Condition(rawValue: $0) })
        else { return nil }
        var status = SourceStatus(name: name, condition: condition, why: ref["why"]?.string)
        status.records = ref["records"]?.int ?? 0
        status.rejects = ref["rejects"]?.int ?? 0
        status.lastStoredAt = ref["stored_at"]?.string.flatMap { Instant(rfc3339: $0) }
        for item in ref["partitions"].map({ Array($0.elements) }) ?? [] {
            let place = SourcePartition(
                topic: item["topic"]?.string ?? "", partition: Int32(clamping: item["partition"]?.int ?? 0))
            status.partitions.append(
                .init(place: place, next: item["next"]?.int.map { Int64($0) }, lag: item["lag"]?.int.map { Int64($0) }))
        }
        return status
    }
}
