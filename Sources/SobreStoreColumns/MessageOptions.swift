import JSON
public import SobreModel

/// Rarely used options of a message, stored as JSON in one column. The column is NULL when a message uses none of them.
public enum MessageOptions {
    /// - Parameter draft: what was asked for.
    /// - Returns: the column's text; nil when the draft uses none of the options.
    public static func text(_ draft: MessageDraft) -> String? {
        let escalates = draft.route == .escalate && draft.escalation != .standard
        guard
            draft.tenant != nil || draft.isTest || draft.capFlags != nil || draft.bestTimeWithin != nil || escalates
                || draft.activity != nil || draft.trace != nil || !draft.attachments.isEmpty
        else { return nil }
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("tenant", ifPresent: draft.tenant)
            writer.member("activity", ifPresent: draft.activity)
            writer.member("traceparent", ifPresent: draft.trace?.text)
            if draft.isTest {
                writer.key("test")
                writer.value(true)
            }
            if let within = draft.bestTimeWithin {
                writer.key("best_time_ms")
                writer.value(within.milliseconds)
            }
            if escalates {
                writer.key("escalate_after_ms")
                writer.value(draft.escalation.after.milliseconds)
                writer.member("escalate_until", ifPresent: draft.escalation.until.description)
            }
            if let flags = draft.capFlags {
                writer.key("obeys_caps")
                writer.value(flags.obeys)
                writer.key("counts_toward_caps")
                writer.value(flags.counts)
                writer.member("caps_by", ifPresent: flags.by)
            }
            if !draft.attachments.isEmpty { write(draft.attachments, to: &writer) }
        }
        return writer.string
    }

    /// Everything about files but their bytes.
    private static func write(_ files: [EmailContent.Attachment], to writer: inout JSONWriter) {
        writer.key(attachments)
        writer.array { writer in
            for file in files {
                writer.object { writer in
                    writer.member("filename", ifPresent: file.filename)
                    writer.member("content_type", ifPresent: file.contentType)
                    writer.member("content_id", ifPresent: file.contentID)
                    writer.key("bytes")
                    writer.value(file.byteCount)
                    // As text: a number would lose its last digits beyond 2^53.
                    writer.member("digest", ifPresent: String(file.digest.stored))
                }
            }
        }
    }

    private static func files(_ list: JSONRef) -> [EmailContent.Attachment] {
        list.elements.compactMap { file in
            guard let name = file["filename"]?.string, let type = file["content_type"]?.string,
                let count = file["bytes"]?.int, let digest = file["digest"]?.string.flatMap({ Int64($0) })
            else { return nil }
            return EmailContent.Attachment(
                filename: name, contentType: type, contentID: file["content_id"]?.string, byteCount: count,
                digest: KeyHash(stored: digest))
        }
    }

    private static let attachments = "attachments"
    private static let traceParent = "traceparent"

    /// The trace alone.
    ///
    /// - Parameter json: the column's text.
    /// - Returns: the trace; nil if the message has none.
    public static func trace(_ json: [UInt8]) -> TraceParent? {
        guard let text = (try? JSONDocument.parse(json))?.root[traceParent]?.string else { return nil }
        return TraceParent(text)
    }

    /// The options without what may identify a recipient who is erased: the names of files, and the trace, which leads to
    /// the records of other systems.
    ///
    /// - Parameter json: the column's text.
    /// - Returns: the new text.
    public static func erased(_ json: [UInt8]) -> String {
        guard let root = try? JSONDocument.parse(json).root, root[attachments] != nil || root[traceParent] != nil else {
            return String(decoding: json, as: UTF8.self)
        }
        var writer = JSONWriter()
        writer.object { writer in
            for (key, value) in root.members where !key.equals(attachments) && !key.equals(traceParent) {
                writer.key(key.string ?? "")
                writer.value(value)
            }
        }
        return writer.string
    }

    /// Sets a draft's options.
    ///
    /// - Parameters:
    ///   - json: the column's text.
    ///   - draft: gets the options.
    public static func read(_ json: [UInt8], into draft: inout MessageDraft) {
        guard let root = try? JSONDocument.parse(json).root else { return }
        draft.tenant = root["tenant"]?.string
        draft.activity = root["activity"]?.string
        draft.trace = root[traceParent]?.string.flatMap { TraceParent($0) }
        draft.isTest = root["test"]?.bool ?? false
        draft.bestTimeWithin = root["best_time_ms"]?.int.map { .milliseconds($0) }
        if let after = root["escalate_after_ms"]?.int, let name = root["escalate_until"]?.string,
            let until = Escalation.Success(name: name)
        {
            draft.escalation = Escalation(after: .milliseconds(after), until: until)
        }
        if let list = root[attachments] { draft.attachments = files(list) }
        if let obeys = root["obeys_caps"]?.bool, let counts = root["counts_toward_caps"]?.bool {
            draft.capFlags = CapFlags(obeys: obeys, counts: counts, by: root["caps_by"]?.string ?? "")
        }
    }
}
