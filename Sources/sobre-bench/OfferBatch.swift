import JSON
import TestBed

/// Marketing messages by SMS, as NDJSON for the API.
struct OfferBatch {
    /// The prefix of every key.
    var name: String
    var campaign: String?
    /// Whether a message has an idempotency key in addition to its dedup key.
    var isKeyed = true

    /// The lines of the messages with these numbers.
    func lines(_ numbers: Range<Int>, to person: (Int) -> String) -> [UInt8] {
        var json = JSONWriter()
        for number in numbers {
            json.object { json in
                if isKeyed { json.member("idempotency_key", "\(name)-\(number)") }
                json.member("recipient", person(number))
                json.member("template", "offer")
                if let campaign { json.member("campaign", campaign) }
                json.member("category", "marketing")
                json.key("channels")
                json.value(["sms"])
                json.member("dedup_key", "\(name)-\(number)")
                json.key("data")
                json.object { $0.member("order_id", "\(number)") }
            }
            json.newline()
        }
        return json.take()
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
