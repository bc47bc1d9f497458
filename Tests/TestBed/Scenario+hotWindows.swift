import SobreModel
import Synchronization

extension Scenario {
    /// The load on each recipient, and its duration.
    public struct HotPlan: Sendable {
        public var clients = 16
        public var people = 200
        /// The total number of requests of all clients.
        public var attempts = 1_000_000
        /// The number of requests that a client sends together.
        public var batch = 500
        public var cap = 3
        /// The rolling window of the cap, in whole seconds.
        public var window: Duration = .seconds(10)
        /// The average time between two kills. Nil disables kills.
        public var killEvery: Duration? = .seconds(4)
        public var faults: String? = "429=1%,5xx=1%,reset=0.5%,garbage=0.2%,latency=0ms..20ms"
        public var seed: UInt64 = 1

        public init() {}
    }

    /// Runs many clients against few recipients with a short window, with faults at the providers and kill −9 every few
    /// seconds, until everything is decided. No window may exceed its cap, and no message may be refused while its
    /// window has room.
    ///
    /// - Returns: The verdict, and how often the server was killed.
    public static func hotWindows(
        _ bed: TestBed, _ plan: HotPlan, progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> (verdict: Verdict, kills: Int) {
        try bed.startSandbox(faults: plan.faults, seed: Int(plan.seed & 0xffff))
        // A short timeout frees the slots of attempts that a kill interrupted soon.
        try bed.writeConfiguration(
            policy: """
                caps:
                  - {name: hot, applies_to: {category: marketing}, limit: \(plan.cap), window: \(plan.window.milliseconds / 1000)s,
                     on_cap: drop}
                """, dispatch: "attempt_timeout: 1s, guard_time: 500ms")
        let reach = Duration.milliseconds(6500)  // both, plus five seconds in the dispatcher
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: plan.people, mailboxes: .pairs)
        let run = HotRun(port: bed.serverPort)
        let journal = Journal()
        let client = bed.client
        let feeder = Task {
            defer { run.isFed = true }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<plan.clients {
                    group.addTask {
                        try await feed(number, plan, client: client, journal: journal) { run.url }
                    }
                }
                try await group.waitForAll()
            }
        }
        let kills = try await beat(bed, plan, journal: journal, run: run, progress: progress)
        try await feeder.value
        let verdict = try await settle(
            bed, journal: journal, capLimit: plan.cap, capWindow: plan.window, within: .seconds(900), reach: reach,
            mailboxes: .pairs)
        return (verdict, kills)
    }

    /// One client, which sends its share of the requests in batches and takes the recipients in turn.
    private static func feed(
        _ number: Int, _ plan: HotPlan, client: HTTPClient, journal: Journal, url: @escaping @Sendable () -> String
    ) async throws {
        let share = plan.attempts / plan.clients
        for start in stride(from: 0, to: share, by: plan.batch) {
            let batch = (start..<min(start + plan.batch, share)).map { index in
                let key = "c\(number)-\(index)"
                let channels = [["push", "sms"], ["email"], ["sms", "email"]][index % 3]
                return TestMessage(
                    key: key, recipient: TestBed.person((index + number * 7) % plan.people), template: "offer",
                    category: "marketing", channels: channels, dedupKey: key)
            }
            try await TestBed.enqueue(batch, at: url, client: client, journal: journal)
        }
    }

    /// Kills and restarts the server until every client is done and no delivery waits.
    private static func beat(
        _ bed: TestBed, _ plan: HotPlan, journal: Journal, run: HotRun, progress: @Sendable (String) -> Void
    ) async throws -> Int {
        guard let pause = plan.killEvery else { return 0 }
        var random = Randomness(seed: plan.seed)
        var kills = 0
        var reported = ContinuousClock.now
        while true {
            let half = pause.milliseconds / 2
            let wait = half + Int64.random(in: 0...(2 * half), using: &random)
            let end = ContinuousClock.now + .milliseconds(wait)
            while ContinuousClock.now < end {
                if run.isFed, try await bed.isQuiet() { return kills }
                try await Task.sleep(for: .milliseconds(20))
            }
            bed.killServer()
            try bed.startServer(environment: TestBed.secrets)
            run.port = bed.serverPort
            kills += 1
            if ContinuousClock.now - reported > .seconds(15) {
                reported = .now
                let left = try await bed.totals().filter { !$0.key.isFinal }.reduce(0) { $0 + $1.value }
                progress("\(kills) kills, \(journal.count) of \(plan.attempts) acknowledged, \(left) of them not final")
            }
        }
    }
}

/// State shared by the clients and the task that kills the server.
private final class HotRun: Sendable {
    private let state: Mutex<(port: Int, isFed: Bool)>

    init(port: Int) { state = Mutex((port, false)) }

    /// The port of the running server.
    var port: Int {
        get { state.withLock { $0.port } }
        set { state.withLock { $0.port = newValue } }
    }

    /// Whether every client has sent everything or has given up.
    var isFed: Bool {
        get { state.withLock { $0.isFed } }
        set { state.withLock { $0.isFed = newValue } }
    }

    var url: String { "http://127.0.0.1:\(port)" }
}
