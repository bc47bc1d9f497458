import Curl
import JSON
import Logging
import Signing
import SobreModel
import SobreProviders
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Synchronization
import Testing
import Text

@testable import SobreNode
@testable import SobreSettings

/// A store with messages, a receiver, and a feed between them that is driven step by step under a virtual clock.
struct EventBench {
    static let secret = "whsec_" + Base64.encode(Array("the new secret of 24 byte".utf8))
    static let former = "whsec_" + Base64.encode(Array("the old secret of 24 byte".utf8))

    let store: SQLiteStore
    let time: VirtualTime
    let receiver: ScriptedReceiver
    let loop: CurlLoop
    var limits = EventLimits()
    var settings = ""

    static func run(_ body: (inout EventBench) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let time = VirtualTime(StoreConformance.start)
            let store = try SQLiteStore.open(directory: directory, time: time)
            let receiver = ScriptedReceiver()
            let loop = CurlLoop()
            var bench = EventBench(store: store, time: time, receiver: receiver, loop: loop)
            bench.limits.timeout = .milliseconds(300)
            let result: Result<Void, any Error>
            do {
                try await body(&bench)
                result = .success(())
            } catch { result = .failure(error) }
            await loop.shutdown()
            receiver.stop()
            await store.close()
            try result.get()
        }
    }

    /// The feed of a new process: what the last one knew beyond the store is lost.
    func feed(over store: (any Store)? = nil) throws -> EventFeed {
        let text = """
            events:
              subscriptions:
                s: {url: "\(receiver.url)", secret: env:NEW, previous_secrets: env:OLD, from: start\(settings)}
            """
        let parsed = try Settings.parse(text, file: "test.yaml", folder: "/", environment: Environment())
        let subscriptions = EventSubscriptions(
            parsed, environment: Environment(["NEW": Self.secret, "OLD": Self.former]))
        #expect(subscriptions.faults == [:])
        let ready = try #require(subscriptions.ready.first)
        var logger = Logger(label: "events-test")
        logger.logLevel = .critical
        return EventFeed(
            ready.subscription,
            to: EventReceiver(endpoint: ready.endpoint, loop: loop, limits: limits, connectTimeout: .seconds(1)),
            store: store ?? self.store, log: self.store, time: time, logger: logger)
    }

    /// Accepts a message to each of some people, and cancels those of the others.
    @discardableResult
    func enqueue(_ people: [String], campaign: String? = nil) async throws -> [MessageID] {
        let drafts = people.map {
            MessageDraft(recipient: $0, template: "t", campaign: campaign, category: "marketing", channels: [.email])
        }
        return try await store.enqueue(drafts.map { Submission(draft: $0) }).map { result in
            guard case .accepted(let id) = result else { throw StoreError(.internal, "not accepted") }
            return id
        }
    }

    func cancel(_ ids: [MessageID]) async throws { for id in ids { _ = try await store.cancel(id) } }

    /// Steps until there is nothing to send now.
    func drain(_ feed: inout EventFeed) async throws {
        while try await feed.step() == .zero {}
    }

    var state: EventSubscriptionState {
        get async throws { try #require(try await store.eventSubscriptions().first) }
    }

    func log() async throws -> [LogRow] {
        try await store.log(LogQuery(direction: .forward(after: nil), limit: 100_000)).rows
    }
}

/// A reader of webhooks that trusts nobody: it checks the signature, that each event names a predecessor that it has
/// seen, and that new events come in the order of the log.
struct CheckingReader {
    struct Event: Hashable {
        var id: String
        var cursor: String
        var recipient: String
        var state: String
    }

    private(set) var events: [Event] = []
    private var cursors: Set<String> = []
    private(set) var repeated = 0

    mutating func take(_ request: ScriptedReceiver.Request) throws {
        for secret in [EventBench.secret, EventBench.former] { try Self.verify(request, secret) }
        let data = try #require(try JSONDocument.parse(request.body).root["data"])
        #expect(data["subscription"]?.string == "s")
        var previous = data["previous"]?.string
        var last: String?
        for item in data["events"].map({ Array($0.elements) }) ?? [] {
            let event = Event(
                id: try #require(item["id"]?.string), cursor: try #require(item["cursor"]?.string),
                recipient: try #require(item["recipient"]?.string), state: try #require(item["state"]?.string))
            #expect(item["previous"]?.string == previous)
            if let previous { #expect(cursors.contains(previous), "a gap before \(event)") }
            if cursors.insert(event.cursor).inserted { events.append(event) } else { repeated += 1 }
            (previous, last) = (event.cursor, event.cursor)
        }
        #expect(data["cursor"]?.string == last)
    }

    private static func verify(_ request: ScriptedReceiver.Request, _ secret: String) throws {
        let id = try #require(request.headers["webhook-id"])
        let timestamp = try #require(request.headers["webhook-timestamp"])
        let key = try Base64.decode(String(secret.dropFirst(6)))
        let code = HMAC.sha256(Array("\(id).\(timestamp).".utf8) + request.body, key: key)
        let signatures = try #require(request.headers["webhook-signature"]).split(separator: " ")
        #expect(signatures.contains("v1,\(Base64.encode(code))"))
    }
}
