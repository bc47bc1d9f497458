import JSON
import Signing
import SobreModel
import SobreSettings
import SobreStore
import SobreWire
import Text

/// The events of one request.
struct EventBatch {
    /// Identifies the request. It is the same for each repetition, also after a restart, and another one after a replay.
    let id: String
    let body: [UInt8]
    let count: Int
    /// The cursor of the last event.
    let last: LogCursor
    /// Whether rows are left out because the request is full.
    let isCut: Bool

    /// Takes as many rows as the bounds allow, at least one.
    ///
    /// - Parameters:
    ///   - rows: events in the order of the log; not empty.
    ///   - addresses: the addresses of their deliveries, if the subscription asks for them.
    ///   - state: the subscription that they belong to.
    ///   - limits: the bounds.
    init(
        _ rows: [LogRow], addresses: [DeliveryID: Address], of state: EventSubscriptionState, _ limits: EventLimits
    ) {
        var events: [[UInt8]] = []
        var bytes = 0
        var previous = state.lastEvent
        for row in rows.prefix(limits.batch) {
            var writer = JSONWriter()
            Wire.write(row, previous: previous, address: addresses[row.entry.delivery], to: &writer)
            let event = writer.take()
            bytes += event.count + 1
            if !events.isEmpty, bytes > limits.maxBatchBytes { break }
            events.append(event)
            previous = row.cursor
        }
        count = events.count
        isCut = count < rows.count
        let end = rows[count - 1]
        let last = end.cursor
        self.last = last
        id =
            "evt_"
            + Hex.encode(
                Array(Digest.sha256("\(state.name) \(state.generation) \(rows[0].cursor) \(last)").prefix(16)))
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.value("sobre.events")
            writer.key("timestamp")
            writer.value(end.entry.at.rfc3339)
            writer.key("data")
            writer.object { writer in
                writer.key("subscription")
                writer.value(state.name)
                writer.member("previous", ifPresent: state.lastEvent?.description)
                writer.key("cursor")
                writer.value(last.description)
                writer.key("events")
                writer.array { writer in for event in events { writer.raw(event) } }
            }
        }
        body = writer.take()
    }

    /// A request without events, by which a receiver is tried.
    static func trial(of name: String, at now: Instant) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("type")
            writer.value("sobre.test")
            writer.key("timestamp")
            writer.value(now.rfc3339)
            writer.key("data")
            writer.object { writer in
                writer.key("subscription")
                writer.value(name)
                writer.key("events")
                writer.array { _ in }
            }
        }
        return writer.take()
    }
}
