import SobreModel
public import SobreStore
import Text

extension SuppressionPlace {
    /// The place as a cursor of the API.
    public var cursor: String {
        let category = Base64.encodeURL(Array((category ?? "").utf8))
        return "\(at.milliseconds).\(subject.stored).\(channel?.rawValue ?? 0).\(reason.rawValue).\(category)"
    }

    /// Reads a cursor. Nil for a text that is none.
    public init?(cursor: String) {
        let parts = cursor.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 5, let at = Int64(parts[0]), let subject = Int64(parts[1]), let number = UInt8(parts[2]),
            let reason = Suppression.Reason(rawValue: String(parts[3])),
            let bytes = try? Base64.decodeURL(String(parts[4])), let category = String(validating: bytes, as: UTF8.self)
        else { return nil }
        let channel = Channel(rawValue: number)
        guard channel != nil || number == 0 else { return nil }
        self.init(
            at: Instant(milliseconds: at), subject: KeyHash(stored: subject), channel: channel,
            category: category.isEmpty ? nil : category, reason: reason)
    }
}
