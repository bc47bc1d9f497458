import ChildProcess
import Curl
import JSON
import Logging
import Signing
import SobreDispatch
import SobreIntake
import SobreModel
public import SobreNode
import SobreSandbox
import SobreSettings
import SobreStore
import TerminalOutput

/// Replays the purchases on a virtual clock through the real pipeline: intake, SQLite, rendering, deciding, libcurl,
/// and the sandbox in a process of its own.
public struct DemoRun {
    let purchases: [Purchase]
    public let sends: [Journey.Send]
    public let node: Node
    let sandbox: DemoSandbox
    let clock: VirtualTime

    /// The step of the clock. Everything due within one step is sent together.
    static let step = Duration.seconds(1800)

    /// The file with the messages that the sandbox received.
    public var recordFile: String { sandbox.recordFile }

    /// Stops the sandbox.
    public func stopSandbox(within limit: Duration) { sandbox.process.stop(within: limit) }

    public static func prepare(folder: String, home: String, purchases: [Purchase]) async throws -> DemoRun {
        let sends = Journey.sends(for: purchases)
        guard let first = sends.first else { throw DemoError("There are no purchases to replay.") }
        let sandbox = try DemoSandbox.start(in: folder)
        let clock = VirtualTime(first.at - .seconds(3600))
        let setup = sandbox.providers(key: try PrivateKey.generateRSA())
        var settings = Settings()
        settings.data.directory = "\(folder)/data"
        settings.paths.templates = "\(home)/Templates"
        settings.paths.providers = "\(home)/Providers"
        settings.paths.policy = "\(home)/Config/policy.yaml"
        settings.sender[.email] = "Larkspur Records <hello@larkspur.example>"
        settings.sender[.sms] = "+12025550100"
        settings.links.publicURL = "https://larkspur.example"
        settings.links.preferencesURL = "https://larkspur.example/preferences"
        settings.providers = setup.instances
        settings.routes = setup.routes
        var logger = Logger(label: "demo")
        logger.logLevel = .error
        let node = try await Node.open(settings, time: clock, logger: logger, environment: setup.environment)
        return DemoRun(purchases: purchases, sends: sends, node: node, sandbox: sandbox, clock: clock)
    }

    /// Replays from the first purchase until 30 days after the last send.
    public func run() async throws {
        var progress = ProgressBar("replaying", total: sends.count)
        defer { progress.clear() }
        try await importPeople()
        let end = sends.last!.at + .seconds(30 * 86_400)
        var next = 0
        while true {
            let sendAt = next < sends.count ? sends[next].at : .distantFuture
            let dueAt = try await node.store.nextDueAt() ?? .distantFuture
            let event = min(sendAt, dueAt)
            if event >= end { break }
            // The clock always advances, so that what could not be sent at one step (a provider at its limit) is sent
            // at the next.
            let now = max(Self.roundedUp(event), clock.now() + Self.step)
            clock.set(now)
            try await sandbox.setClock(now, over: node.loop)
            var batch: [UInt8] = []
            while next < sends.count, sends[next].at <= now {
                batch += sends[next].line
                batch.append(0x0A)
                next += 1
            }
            if !batch.isEmpty { try await enqueue(batch) }
            try await node.dispatcher.runUntilIdle()
            progress.update(next, note: String(now.rfc3339.prefix(10)))
        }
    }

    private func importPeople() async throws {
        var lines: [UInt8] = []
        for customer in Set(purchases.map(\.customer)).sorted() {
            lines += DemoPeople.profile(of: customer)
            lines.append(0x0A)
        }
        for result in await node.intake.importProfiles(NDJSONLines(lines)) {
            guard case .stored = result.outcome else { throw DemoError("A profile was rejected: \(result.outcome)") }
        }
    }

    private func enqueue(_ lines: [UInt8]) async throws {
        for result in await node.intake.enqueue(NDJSONLines(lines)) {
            switch result.outcome {
            case .accepted, .replayed: break
            case .rejected(let problem): throw DemoError("A message was rejected: \(problem)")
            case .notStored(let error): throw DemoError("A message could not be stored: \(error)")
            }
        }
    }

    private static func roundedUp(_ instant: Instant) -> Instant {
        let step = Self.step.milliseconds
        return Instant(milliseconds: (instant.milliseconds + step - 1).floorDivided(by: step) * step)
    }
}
