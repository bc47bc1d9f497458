import SobreAdmission
import SobreModel

@testable import SobreSimulation

/// Requests, recipients and outcomes for tests.
struct World {
    var log = RequestLog()
    var population = Population()

    /// Monday, 2 March 2026, noon UTC.
    static let noon = Instant(rfc3339: "2026-03-02T12:00:00Z")!
    static let hour = Duration.seconds(3600)
    static let day = Duration.seconds(86_400)

    mutating func ask(
        _ recipient: String = "ann", at: Instant, category: String = "marketing", campaign: String = "spring",
        channels: [Channel] = [.email], route: ChannelRoute = .first, tags: [String] = [],
        priority: Priority = .normal, expiresAt: Instant? = nil, dedupKey: String? = nil,
        escalation: Escalation = .standard
    ) throws {
        try log.append(
            MessageDraft(
                recipient: recipient, template: "offer", campaign: campaign, category: category, tags: tags,
                channels: channels, route: route, priority: priority, sendAt: at, expiresAt: expiresAt,
                dedupKey: dedupKey, escalation: escalation), at: at)
    }

    func sealed() -> RequestLog {
        var log = log
        log.seal()
        return log
    }

    func tally(_ yaml: String?, from: Instant = .distantPast, to: Instant = .distantFuture) throws -> Tally {
        Replay(sealed(), population: population, from: from, to: to)
            .run(under: try yaml.map { try Policy.parse(text: $0) })
    }

    /// The outcome of every delivery, in the order in which they end.
    func ends(_ yaml: String) throws -> [ReplayRun.End] {
        try Self.ends(sealed(), population, Policy.parse(text: yaml))
    }

    static func ends(_ log: RequestLog, _ population: Population, _ policy: Policy) -> [ReplayRun.End] {
        var run = ReplayRun(Replay(log, population: population), policy: policy)
        var ends: [ReplayRun.End] = []
        run.observer = { ends.append($0) }
        run.run { _ in }
        return ends
    }
}
