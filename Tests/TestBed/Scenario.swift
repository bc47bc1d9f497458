import ChildProcess
import Glibc
import JSON
import SobreModel
import SobreSQLite
public import SobreSandbox
import Synchronization

/// The long-running tests, in any size. Each returns a verdict based on the sandbox's record.
public enum Scenario {
    /// Kills the server with kill −9 at random moments of a run, and restarts it each time.
    public static func killStorm(
        _ bed: TestBed, kills: Int, messages: Int, seed: UInt64, progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> Verdict {
        var random = Randomness(seed: seed)
        try bed.startSandbox(faults: "429=2%,5xx=2%,reset=1%,garbage=0.5%,latency=0ms..30ms", seed: Int(seed & 0xffff))
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: max(messages / 8, 1))
        let port = Mutex(bed.serverPort)
        let journal = Journal()
        let client = bed.client
        let all = testMessages(count: messages, people: max(messages / 8, 1))
        let share = max(messages / max(kills, 1), 1)
        let allowed = Mutex(share)  // the client keeps pace with the kills, so that they spread over the whole run
        let feeder = Task {
            for start in stride(from: 0, to: all.count, by: 20) {
                while start >= allowed.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
                let batch = Array(all[start..<min(start + 20, all.count)])
                try await TestBed.enqueue(
                    batch, at: { "http://127.0.0.1:\(port.withLock { $0 })" }, client: client, journal: journal)
            }
        }
        for kill in 0..<kills {
            allowed.withLock { $0 = (kill + 1) * share + 20 }
            let goal = min((kill + 1) * share, messages) - Int.random(in: 0..<share, using: &random)
            let deadline = ContinuousClock.now + .seconds(2)
            while journal.count < goal, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(1)) }
            try await Task.sleep(for: .microseconds(Int.random(in: 0..<60_000, using: &random)))
            bed.killServer()
            try bed.startServer(environment: TestBed.secrets)
            port.withLock { $0 = bed.serverPort }
            if (kill + 1) % 10 == 0 {
                progress("\(kill + 1) of \(kills) kills, \(journal.count) messages acknowledged")
            }
        }
        allowed.withLock { $0 = messages }
        try await feeder.value
        return try await settle(bed, journal: journal, capLimit: 3, capWindow: .seconds(86_400))
    }

    /// Runs concurrent clients against few recipients while messages are sent. The caps must hold.
    public static func hotRecipients(
        _ bed: TestBed, clients: Int, people: Int, requests: Int, cap: Int, faults: String? = nil
    ) async throws -> Verdict {
        try bed.startSandbox(faults: faults)
        try bed.writeConfiguration(capLimit: cap, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: people, mailboxes: .pairs)
        let journal = Journal()
        let url = bed.serverURL
        let client = bed.client
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<clients {
                let share = testMessages(
                    count: requests / clients, people: people, prefix: "c\(number)", marketingOnly: true)
                group.addTask {
                    for start in stride(from: 0, to: share.count, by: 5) {
                        let batch = Array(share[start..<min(start + 5, share.count)])
                        try await TestBed.enqueue(batch, at: { url }, client: client, journal: journal)
                    }
                }
            }
            try await group.waitForAll()
        }
        return try await settle(
            bed, journal: journal, capLimit: cap, capWindow: .seconds(86_400), mailboxes: .pairs)
    }

    /// Simulates a power cut while messages are being acknowledged. Returns how many were acknowledged and how many of
    /// those are lost.
    public static func powerCut(_ bed: TestBed, library: String, messages: Int, seed: UInt64) async throws -> (
        acknowledged: Int, lost: Int
    ) {
        var random = Randomness(seed: seed)
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: 3, capWindow: "1d", resendAfter: "1s")
        let data = "\(bed.folder)/data"
        try bed.startServer(
            environment: TestBed.secrets.merging(["LD_PRELOAD": library, "POWERCUT_FOLDER": data]) { $1 })
        try await bed.putProfiles(count: 50)
        let journal = Journal()
        let all = testMessages(count: messages, people: 50)
        let cutAfter = Int.random(in: messages / 4..<messages / 2, using: &random)
        let url = bed.serverURL
        let client = bed.client
        let feeder = Task {
            for start in stride(from: 0, to: all.count, by: 5) {
                let batch = Array(all[start..<min(start + 5, all.count)])
                try await TestBed.enqueue(batch, at: { url }, client: client, journal: journal)
            }
        }
        while journal.count < cutAfter { try await Task.sleep(for: .microseconds(200)) }
        bed.server?.signal(SIGUSR2)
        // A sync that is under way is waited for, and on a busy disk it can take longer than everything else here.
        let limit = Duration.seconds(120)
        let ending = bed.server?.wait(atMost: limit)
        guard ending == .exited(code: 137) else {
            let how = ending.map { "it ended as \($0)" } ?? "it still runs after \(limit)"
            let log = Files.read("\(bed.folder)/server.err")?.suffix(1000) ?? ""
            throw TestBed.Failure("the power cut did not end the server: \(how)\n\(log)")
        }
        feeder.cancel()
        _ = try? await feeder.value
        let acknowledged = journal.ids
        let store = try SQLiteStore.openReadOnly(directory: data)
        var lost = 0
        for text in acknowledged.values {
            if let id = MessageID(text), try await store.message(id) != nil { continue }
            lost += 1
        }
        return (acknowledged.count, lost)
    }

    /// Waits until everything is final, stops the server as an operator would, and checks the run.
    static func settle(
        _ bed: TestBed, journal: Journal, capLimit: Int, capWindow: Duration, within limit: Duration = .seconds(120),
        reach: Duration = .seconds(27), mailboxes: SharedMailboxes = .none
    ) async throws -> Verdict {
        try await bed.waitUntilQuiet(atMost: limit)
        guard bed.stopServer() == .exited(code: 0) else { throw TestBed.Failure("the server did not stop cleanly") }
        let store = try SQLiteStore.openReadOnly(directory: "\(bed.folder)/data")
        return try await Verdict.judge(
            journal: journal, received: try ReceivedMessages.load(bed.recordFile), store: store, capLimit: capLimit,
            capWindow: capWindow, reach: reach, mailboxes: mailboxes)
    }

    /// Requests on three channels. A third of them are transactional, unless `marketingOnly` is set.
    static func testMessages(
        count: Int, people: Int, prefix: String = "m", marketingOnly: Bool = false
    ) -> [TestMessage] {
        (0..<count).map { index in
            let person = TestBed.person(index % people)
            let key = "\(prefix)-\(index)"
            if !marketingOnly, index % 3 == 0 {
                return TestMessage(
                    key: key, recipient: person, template: "receipt", category: "transactional",
                    channels: [index % 2 == 0 ? "sms" : "email"], dedupKey: key)
            }
            let channels = [["push", "sms"], ["email"], ["sms", "email"]][index % 3]
            return TestMessage(
                key: key, recipient: person, template: "offer", category: "marketing", channels: channels, dedupKey: key
            )
        }
    }
}
