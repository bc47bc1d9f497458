internal import JSON

/// One line of `received.ndjson`.
enum RecordLine {
    /// A message.
    case message(ReceivedMessage)
    /// A later update to a message: its client had disconnected before the answer could be sent.
    case unanswered(seq: Int)

    /// Reads a line without its line feed.
    ///
    /// - Throws: a sentence that says what is wrong.
    init(parsing line: ArraySlice<UInt8>) throws(RecordLineError) {
        let document: JSONDocument
        do {
            document = try JSONDocument.parse(line)
        } catch {
            throw RecordLineError(reason: error.message)
        }
        if let seq = document.root["amends"]?.int {
            self = .unanswered(seq: seq)
        } else if let message = ReceivedMessage(json: document.root) {
            self = .message(message)
        } else {
            throw RecordLineError(reason: "seq, at or channel is missing")
        }
    }

    /// The line that records that a message's answer could not be sent, with its line feed.
    static func amendment(seq: Int) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.field("amends", seq)
            json.field("answered", false)
        }
        json.newline()
        return json.take()
    }
}

/// Why a line is not a valid record.
struct RecordLineError: Error {
    let reason: String
}
