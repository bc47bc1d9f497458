public import JSON
public import SobreModel

/// The JSON form of a suppression as files hold it: what ``SuppressionReader`` reads.
public enum SuppressionDocument {
    /// Writes a suppression with its hashed subject, so that it can be taken in elsewhere without any address in it.
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

    /// The members as texts, in the order of ``names``; what is absent is empty.
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
