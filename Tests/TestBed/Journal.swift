import JSON
public import SobreModel
import Synchronization

/// The client's record of acknowledged messages. It does not depend on the server's tables, so a loss cannot go
/// unnoticed.
public final class Journal: Sendable {
    private let acknowledged = Mutex<[String: String]>([:])

    public init() {}

    func note(key: String, id: String) { acknowledged.withLock { $0[key] = id } }

    /// The acknowledged messages' ids by idempotency key.
    public var ids: [String: String] { acknowledged.withLock { $0 } }
    public var count: Int { acknowledged.withLock { $0.count } }
}

/// One request of a simulated journey engine.
public struct TestMessage: Sendable {
    public var key: String
    public var recipient: String
    public var template: String
    public var category: String
    public var channels: [String]
    public var dedupKey: String?
    public var campaign: String?
    public var tags: [String] = []
    public var priority: String?
    public var expiresAt: Instant?

    public init(
        key: String, recipient: String, template: String, category: String, channels: [String], dedupKey: String? = nil
    ) {
        self.key = key
        self.recipient = recipient
        self.template = template
        self.category = category
        self.channels = channels
        self.dedupKey = dedupKey
    }

    func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("idempotency_key", key)
        json.member("recipient", recipient)
        json.member("template", template)
        json.member("category", category)
        json.key("channels")
        json.value(channels)
        json.member("dedup_key", ifPresent: dedupKey)
        json.member("campaign", ifPresent: campaign)
        json.member("priority", ifPresent: priority)
        json.member("expires_at", ifPresent: expiresAt?.rfc3339)
        if !tags.isEmpty {
            json.key("tags")
            json.value(tags)
        }
        json.key("data")
        json.beginObject()
        json.member("order_id", key)
        json.endObject()
        json.endObject()
    }
}

extension TestBed {
    /// Enqueues a batch and repeats it until it is answered, because the server may be down or killed meanwhile.
    /// Idempotency keys make the repetition safe. Throws after a minute.
    public static func enqueue(
        _ messages: [TestMessage], at url: @Sendable () -> String, client: HTTPClient, journal: Journal
    ) async throws {
        var json = JSONWriter()
        for message in messages {
            message.write(to: &json)
            json.newline()
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let answer = await client.send(
                "POST", "\(url())/v1/messages", body: json.bytes, type: "application/x-ndjson", timeout: .seconds(10))
            guard let answer, answer.status < 500 else {
                try await Task.sleep(for: .milliseconds(5))
                continue
            }
            try note(answer, messages: messages, journal: journal)
            return
        }
        throw Failure("a batch was not accepted within a minute")
    }

    private static func note(_ answer: HTTPClient.Answer, messages: [TestMessage], journal: Journal) throws {
        guard answer.status == 202, let results = try answer.json()["results"] else {
            throw Failure("the server answered \(answer.status): \(answer.text.prefix(500))")
        }
        for (message, result) in zip(messages, results.elements) {
            guard let id = result["id"]?.string else {
                throw Failure("\(message.key) was not accepted: \(String(decoding: result.rawBytes, as: UTF8.self))")
            }
            journal.note(key: message.key, id: id)
        }
    }
}
