public import JSON
import SobreModel
public import SobreStore

extension Wire {
    /// Writes one entry of the audit trail.
    public static func write(_ entry: AuditEntry, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("sequence")
            writer.value(entry.sequence)
            writer.member("at", ifPresent: entry.at.rfc3339)
            writer.member("by", ifPresent: entry.author.name)
            writer.member("action", ifPresent: entry.action.rawValue)
            writer.member("subject", ifPresent: entry.subject)
            writer.member("detail", ifPresent: entry.detail.nonEmpty)
            writer.member("note", ifPresent: entry.author.note.nonEmpty)
        }
    }
}
