public import JSON
public import SobreModel

/// The representation of a suppression in files. ``SuppressionReader`` reads it.
public enum SuppressionDocument {
    /// Writes a suppression with its hashed subject, so that it can be imported elsewhere without revealing an address.
    public static func write(_ suppression: Suppression, to writer: inout JSONWriter) {
        writer.object { writer in
            for (name, value) in members(of: suppression) where !value.isEmpty {
                writer.key(name)
                writer.value(value)
            }
        }
    }

    /// The names of the members, in order.
    public static let names = ["subject", "label", "channel", "category", "reason", "source", "at", "evidence"]

    /// The members as strings, in the order of ``names``. Absent ones are empty.
    public static func members(of suppression: Suppression) -> [(name: String, value: String)] {
        let digits = String(suppression.subject.rawValue, radix: 16)
        let values = [
            String(repeating: "0", count: 16 - digits.count) + digits, suppression.label,
            suppression.channel?.description ?? "", suppression.category ?? "", suppression.reason.rawValue,
            suppression.source, suppression.at.rfc3339, suppression.evidence ?? "",
        ]
        return Array(zip(names, values))
    }
}
