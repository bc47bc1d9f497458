import JSON
import SobreModel
import SobreSandbox
import SobreStore
import TestBed
import Testing

/// A complete Sobre with its own policy, and helpers for cases in which other products failed.
struct CaseBench {
    let bed: TestBed
    let journal = Journal()

    /// Starts the sandbox of the built binary. ``start(at:_:)`` starts the server.
    init(
        _ name: String, policy: String, faults: String? = nil, zone: String = "UTC", dispatch: String? = nil
    ) throws {
        bed = try TestBed.built(name)
        try bed.startSandbox(faults: faults)
        try bed.writeConfiguration(policy: policy, zone: zone, dispatch: dispatch)
    }

    /// Starts the server with further flags, optionally at another date.
    func start(at instant: Instant? = nil, _ more: [String] = []) throws {
        try bed.startServer(environment: try instant.map(bed.secrets(at:)) ?? TestBed.secrets, more: more)
    }

    /// One marketing message by email.
    static func offer(
        _ key: String, to person: Int, campaign: String? = nil, tags: [String] = [], channel: String = "email"
    ) -> TestMessage {
        var message = TestMessage(
            key: key, recipient: TestBed.person(person), template: "offer", category: "marketing", channels: [channel])
        message.dedupKey = key
        message.campaign = campaign
        message.tags = tags
        return message
    }

    func send(_ messages: [TestMessage]) async throws {
        let url = bed.serverURL
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: journal)
    }

    /// Sends from several clients at once, one for each part.
    func send(_ parts: [[TestMessage]]) async throws {
        let (url, client, journal) = (bed.serverURL, bed.client, journal)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in parts {
                group.addTask { try await TestBed.enqueue(part, at: { url }, client: client, journal: journal) }
            }
            try await group.waitForAll()
        }
    }

    /// Waits until no delivery waits or is in flight.
    func settle(atMost limit: Duration = .seconds(30)) async throws { try await bed.waitUntilQuiet(atMost: limit) }

    /// The messages that the sandbox accepted.
    func accepted() throws -> [ReceivedMessage] { try ReceivedMessages.load(bed.recordFile).accepted }

    /// The number of accepted messages per recipient.
    func counts() throws -> [String: Int] {
        try accepted().reduce(into: [:]) { $0[$1.person ?? "?", default: 0] += 1 }
    }

    func id(_ key: String) throws -> MessageID {
        try #require(journal.ids[key].flatMap { MessageID($0) }, "\(key) was not accepted")
    }

    /// The last log entry of a message.
    func last(_ key: String) async throws -> LogEntry {
        let id = try id(key)
        return try #require(
            try await bed.log().last { $0.entry.delivery.message == id }?.entry, "\(key) has no history")
    }

    /// Waits until a message's last log entry satisfies the condition, for at most 20 s.
    func wait(for key: String, until isAsWanted: (LogEntry) -> Bool) async throws -> LogEntry {
        let id = try id(key)
        let deadline = ContinuousClock.now + .seconds(20)
        var last: LogEntry?
        while ContinuousClock.now < deadline {
            last = try await bed.log().last { $0.entry.delivery.message == id }?.entry
            if let last, isAsWanted(last) { return last }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestBed.Failure("\(key) is still \(last.map { "\($0.state) \($0.reason) \($0.detail)" } ?? "nothing")")
    }

    /// Writes another policy and waits until the server uses it.
    func change(policy: String) async throws {
        let earlier = try await policyVersion()
        try bed.writePolicy(policy)
        let deadline = ContinuousClock.now + .seconds(20)
        while try await policyVersion() == earlier {
            guard ContinuousClock.now < deadline else { throw TestBed.Failure("the new policy was not put in force") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// The decision for a message as of now.
    func decide(_ fields: String) async throws -> JSONRef {
        let answer = try #require(
            await bed.client.send("POST", "\(bed.serverURL)/v1/decisions", body: Array("{\(fields)}".utf8)))
        #expect(answer.status == 200, "\(answer.text)")
        return try #require(try answer.json()["decisions"]?[0])
    }

    private func policyVersion() async throws -> Int? {
        try await decide("\"recipient\":\"\(TestBed.person(0))\",\"template\":\"offer\"")["policy_version"]?.int
    }
}
