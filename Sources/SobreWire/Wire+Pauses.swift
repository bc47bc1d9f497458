public import JSON
public import SobreModel
public import SobreStore

extension Wire {
    /// Writes a filter as members of an object: its values under their names, or `"all": true`.
    public static func members(of filter: DeliveryFilter, to writer: inout JSONWriter) {
        if filter.isAll {
            writer.key("all")
            writer.value(true)
        }
        for part in DeliveryFilter.Part.allCases where filter[part] != nil {
            writer.key(part.rawValue)
            writer.value(filter[part] ?? "")
        }
    }

    /// Writes a pause. `held` is the number of deliveries that wait for its end; nil to leave it out.
    public static func write(_ pause: SendingPause, held: Int? = nil, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.value(pause.id)
            members(of: pause.filter, to: &writer)
            writer.member("since", ifPresent: pause.since.rfc3339)
            writer.member("until", ifPresent: pause.until?.rfc3339)
            writer.member("reason", ifPresent: pause.reason.isEmpty ? nil : pause.reason)
            writer.member("by", ifPresent: pause.by)
            if let held {
                writer.key("held")
                writer.value(held)
            }
        }
    }

    /// Writes the member `pauses`.
    public static func writePauses(_ pauses: [PauseStatus], to writer: inout JSONWriter) {
        writer.key("pauses")
        writer.array { writer in for status in pauses { write(status.pause, held: status.held, to: &writer) } }
    }

    /// Reads a pause; nil if `ref` is not one.
    public static func readPause(_ ref: JSONRef) -> PauseStatus? {
        guard let id = ref["id"]?.int, let since = ref["since"]?.string.flatMap({ Instant(rfc3339: $0) }) else {
            return nil
        }
        var filter = DeliveryFilter.all
        for part in DeliveryFilter.Part.allCases {
            guard let text = ref[part.rawValue]?.string else { continue }
            if filter.set(part, to: text, atMost: .max) != nil { return nil }
        }
        let pause = SendingPause(
            id: Int64(id), filter: filter, since: since,
            until: ref["until"]?.string.flatMap { Instant(rfc3339: $0) }, reason: ref["reason"]?.string ?? "",
            by: ref["by"]?.string ?? "")
        return PauseStatus(pause: pause, held: ref["held"]?.int ?? 0)
    }

    /// Reads the member `pauses`.
    public static func readPauses(_ ref: JSONRef) -> [PauseStatus] {
        ref["pauses"].map { $0.elements.compactMap { readPause($0) } } ?? []
    }
}
