import JSON
import SobreModel
public import SobreStore
import SobreWire

extension Timeline {
    /// One JSON object per line, oldest first: a message with its deliveries, or an object with the only key `consent`
    /// or `suppression`.
    public func json() -> [UInt8] {
        var lines = items.reversed().map { item in
            (item.message.acceptedAt, JSONWriter.line { Wire.write(item.message, last: item.last, to: &$0) })
        }
        for record in consents {
            lines.append((record.saidAt, Self.line("consent") { Wire.write(record, to: &$0) }))
        }
        for record in suppressions {
            lines.append((record.suppression.at, Self.line("suppression") { Wire.write(record, to: &$0) }))
        }
        return lines.enumerated().sorted { ($0.element.0, $0.offset) < ($1.element.0, $1.offset) }.flatMap(\.element.1)
    }

    private static func line(_ key: String, _ value: (inout JSONWriter) -> Void) -> [UInt8] {
        JSONWriter.line { writer in
            writer.object { writer in
                writer.key(key)
                value(&writer)
            }
        }
    }
}
