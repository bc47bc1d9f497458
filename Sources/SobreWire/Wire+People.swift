public import JSON
import SobreIntake
public import SobreModel
public import SobreStore

extension ProfileMerge {
    /// What the merge came to, as a stable word of the API.
    public var status: String { isNew ? "merged" : "merged_before" }
}

extension Wire {
    /// Writes a profile in the format of `PUT /v1/profiles/{id}`.
    public static func write(_ profile: Profile, to writer: inout JSONWriter) {
        ProfileDocument.write(profile, to: &writer)
    }

    /// Writes an entry of the consent history.
    public static func write(_ record: ConsentRecord, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("sequence")
            writer.value(record.sequence)
            writer.member("recipient", ifPresent: record.recipient.nonEmpty)
            ProfileDocument.members(of: record.consent, to: &writer)
            writer.key("recorded_at")
            writer.value(record.recordedAt.rfc3339)
        }
    }

    /// Writes a suppression with the label of its subject, never with a full address.
    public static func write(_ suppression: Suppression, to writer: inout JSONWriter) {
        writer.object { writer in members(of: suppression, to: &writer) }
    }

    /// Writes an entry of the suppression history with the label of its subject.
    public static func write(_ record: SuppressionRecord, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("sequence")
            writer.value(record.sequence)
            writer.key("change")
            writer.value(record.change.rawValue)
            members(of: record.suppression, to: &writer)
            writer.key("recorded_at")
            writer.value(record.recordedAt.rfc3339)
        }
    }

    private static func members(of suppression: Suppression, to writer: inout JSONWriter) {
        writer.key("label")
        writer.value(suppression.label)
        writer.key("reason")
        writer.value(suppression.reason.rawValue)
        writer.member("channel", ifPresent: suppression.channel?.description)
        writer.member("category", ifPresent: suppression.category)
        writer.key("source")
        writer.value(suppression.source)
        writer.key("at")
        writer.value(suppression.at.rfc3339)
        writer.member("evidence", ifPresent: suppression.evidence)
    }

    /// Writes the result of an erasure.
    public static func write(_ erasure: Erasure, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("status")
            writer.value("erased")
            writer.key("messages")
            writer.value(erasure.messages)
            writer.key("cancelled")
            writer.value(erasure.cancelled)
            writer.key("suppressions")
            writer.value(erasure.suppressions)
        }
    }

    /// Reads the result of an erasure.
    public static func readErasure(_ ref: JSONRef) -> Erasure {
        Erasure(
            messages: ref["messages"]?.int ?? 0, cancelled: ref["cancelled"]?.int ?? 0,
            suppressions: ref["suppressions"]?.int ?? 0)
    }

    /// Writes the result of a merge.
    public static func write(_ merge: ProfileMerge, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("status")
            writer.value(merge.status)
            writer.key("profile")
            write(merge.profile, to: &writer)
        }
    }

    /// What became of a profile, without what it says: for callers that may not read it.
    ///
    /// - Parameters:
    ///   - status: what became of it.
    ///   - id: the name under which the caller asked.
    ///   - writer: where it is written.
    public static func write(status: String, of id: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("id")
            writer.value(id)
            writer.key("status")
            writer.value(status)
        }
    }

    /// Reads whether a merge was new.
    public static func readIsMerged(_ ref: JSONRef) -> Bool { ref["status"]?.string == "merged" }
}
