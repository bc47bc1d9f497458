import JSON
import TestBed

/// Messages of one kind, as NDJSON for the API.
struct OfferBatch {
    /// The prefix of every key.
    var name: String
    var campaign: String?
    /// Whether a message has an idempotency key in addition to its dedup key.
    var isKeyed = true
    var channel = "sms"
    var template = "offer"
    var category = "marketing"
    var priority: String?

    /// The lines of the messages with these numbers.
    func lines(_ numbers: Range<Int>, to person: (Int) -> String) -> [UInt8] {
        var json = JSONWriter()
        for number in numbers {
            json.object { json in
                if isKeyed { json.member("idempotency_key", "\(name)-\(number)") }
                json.member("recipient", person(number))
                json.member("template", template)
                if let campaign { json.member("campaign", campaign) }
                json.member("category", category)
                if let priority { json.member("priority", priority) }
                json.key("channels")
                json.value([channel])
                json.member("dedup_key", "\(name)-\(number)")
                json.key("data")
                json.object { $0.member("order_id", "\(number)") }
            }
            json.newline()
        }
        return json.take()
    }

    /// All messages to people in turn, 500 in a batch.
    func batches(of messages: Int, people: Int) -> [[UInt8]] {
        stride(from: 0, to: messages, by: 500).map { start in
            lines(start..<min(start + 500, messages)) { TestBed.person($0 % people) }
        }
    }
}

extension HTTPClient {
    /// Submits lines to a server.
    ///
    /// - Parameters:
    ///   - lines: messages as NDJSON.
    ///   - url: the server's address.
    /// - Throws: ``TestBed/Failure`` unless all of them were accepted.
    func enqueue(_ lines: [UInt8], at url: String) async throws {
        let answer = await send("POST", "\(url)/v1/messages", body: lines, type: "application/x-ndjson")
        guard answer?.status == 202 else {
            throw TestBed.Failure("a batch was answered \(answer?.status ?? 0): \(answer?.text.prefix(300) ?? "")")
        }
    }
}
