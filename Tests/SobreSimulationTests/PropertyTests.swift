import SobreAdmission
import SobreModel
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Testing

@testable import SobreSimulation

/// Random histories. Each depends on its seed only.
struct RandomHistory {
    static let policy = """
        default_timezone: Europe/Paris
        categories:
          transactional: { consent: none, obeys_caps: false, counts_toward_caps: false }
          marketing: { consent: opt_in, expires_after: 5d }
          news: { consent: opt_out }
        dedup: [{ name: d, applies_to: { category: marketing }, key: [campaign, dedup_key], window: 3d }]
        quiet_hours:
          - name: nights
            applies_to: { channel: [sms, push] }
            hours: [{ from: "21:00", to: "08:00" }]
            on_hit: hold
            spread: 10m
        control_groups: [{ name: g, applies_to: { campaign: c0 }, percent: 20 }]
        caps:
          - { name: three-a-week, applies_to: { category: [marketing, news] }, limit: 3, window: 7d, on_cap: hold }
          - { name: one-a-day, applies_to: { category: marketing }, limit: 1, window: calendar day, on_cap: hold }
          - { name: two-sms, applies_to: { channel: sms }, limit: 2, window: 30d, on_cap: next_channel }
          - { name: mailbox, applies_to: { category: news }, limit: 2, window: 7d, per: address, on_cap: drop }
        """

    struct Request {
        var at: Instant
        var draft: MessageDraft
    }

    var requests: [Request] = []
    var profiles: [Profile] = []

    init(seed: UInt64, count: Int) {
        var random = Seeded(state: seed)
        let people = 8
        for person in 0..<people {
            var addresses: [Address] = []
            for channel in Channel.allCases where Int.random(in: 0..<10, using: &random) < 8 {
                // Pairs share a mailbox, a number or a device.
                let isShared = person < 6 && Int.random(in: 0..<10, using: &random) < (channel == .email ? 8 : 3)
                let owner = isShared ? person / 2 * 2 : person
                let value =
                    switch channel.addressKind {
                    case .mailbox: "p\(owner)@x.example"
                    case .phoneNumber: "+3370000000\(owner)"
                    case .deviceToken: "token-\(owner)"
                    case .conversation: "chat-\(owner)"
                    }
                addresses.append(Address(channel: channel, value: value))
            }
            let zones = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", nil]
            profiles.append(
                Profile(
                    id: "p\(person)", timezone: zones[Int.random(in: 0..<4, using: &random)], addresses: addresses,
                    consents: [
                        Consent(category: "marketing", granted: Int.random(in: 0..<10, using: &random) < 8),
                        Consent(category: "news", granted: Int.random(in: 0..<10, using: &random) < 8),
                    ]))
        }
        var at = Instant(rfc3339: "2026-03-20T00:00:00Z")!
        for index in 0..<count {
            at = at + .milliseconds(.random(in: 0..<4 * 3_600_000, using: &random))
            var channels = Channel.allCases.shuffled(using: &random)
            channels.removeLast(Int.random(in: 0..<3, using: &random))
            requests.append(
                Request(
                    at: at,
                    draft: MessageDraft(
                        recipient: "p\(Int.random(in: 0..<(people + 1), using: &random))", template: "t",
                        campaign: "c\(Int.random(in: 0..<4, using: &random))",
                        category: ["marketing", "marketing", "news", "transactional"].randomElement(using: &random)!,
                        channels: channels, route: [.first, .first, .all].randomElement(using: &random)!,
                        priority: Priority.allCases.randomElement(using: &random)!,
                        expiresAt: Int.random(in: 0..<4, using: &random) == 0 ? at + .seconds(2 * 86_400) : nil,
                        dedupKey: index % 5 == 0 ? "k\(Int.random(in: 0..<3, using: &random))" : nil)))
        }
    }
}

@Suite("A replay is what would have happened") struct PropertyTests {
    @Test(arguments: 1...8) func `it ends every delivery as the real store and the real decision do`(seed: UInt64)
        async throws
    {
        let history = RandomHistory(seed: seed, count: 250)
        let policy = try Policy.parse(text: RandomHistory.policy)
        let (real, log) = try await Production.run(history, policy)
        var population = Population(missingProfiles: .unknown)
        for profile in history.profiles { population.add(profile, in: log) }
        let simulated = World.ends(log, population, policy)
        let byID = Dictionary(uniqueKeysWithValues: simulated.map { ($0.delivery, $0) })
        #expect(simulated.count == byID.count)
        #expect(byID.count == real.count)
        for (delivery, end) in real where byID[delivery] != end {
            Issue.record("\(delivery): really \(end), simulated \(String(describing: byID[delivery]))")
        }
        // The main kinds of outcomes occurred.
        #expect(Set(real.values.map(\.state)).isSuperset(of: [.sent, .dropped]))
    }

    @Test(arguments: 1...40) func `no window ever holds more than the cap, by a count of its own`(seed: UInt64) throws {
        let history = RandomHistory(seed: seed &* 7919, count: 600)
        var log = RequestLog()
        for request in history.requests { try log.append(request.draft, at: request.at) }
        log.seal()
        var population = Population(missingProfiles: .unknown)
        for profile in history.profiles { population.add(profile, in: log) }
        let drafts = Dictionary(
            uniqueKeysWithValues: log.entries.map { ($0.id, (log.kinds[Int($0.kind)], log.people[Int($0.person)])) })
        var sent: [String: [Int64]] = [:]
        for end in World.ends(log, population, try Policy.parse(text: RandomHistory.policy)) where end.state == .sent {
            let (draft, person) = try #require(drafts[end.delivery.message.rawValue])
            let at = try #require(end.at).milliseconds
            if draft.category != "transactional" { sent["week \(person)", default: []].append(at) }
            if draft.category != "transactional", end.channel == .sms { sent["sms \(person)", default: []].append(at) }
        }
        for (name, times) in sent {
            let (limit, width) = name.hasPrefix("week") ? (3, Int64(7 * 86_400_000)) : (2, Int64(30 * 86_400_000))
            let sorted = times.sorted()
            for index in sorted.indices.dropFirst(limit) {
                #expect(sorted[index] - sorted[index - limit] >= width, "\(name), seed \(seed)")
            }
        }
        #expect(sent.count > 8)
    }
}

/// Runs the same history through the real store and the production decision, with a virtual clock that jumps to the
/// next due time.
enum Production {
    static func run(
        _ history: RandomHistory, _ policy: Policy
    ) async throws -> (ends: [DeliveryID: ReplayRun.End], log: RequestLog) {
        try await withTemporaryDirectory { try await run(history, policy, in: $0) }
    }

    private static func run(
        _ history: RandomHistory, _ policy: Policy, in directory: String
    ) async throws -> (ends: [DeliveryID: ReplayRun.End], log: RequestLog) {
        let clock = VirtualTime(history.requests[0].at - .seconds(60))
        let store = try SQLiteStore.open(directory: directory, time: clock)
        try await store.put(history.profiles)
        var ends: [DeliveryID: ReplayRun.End] = [:]
        var log = RequestLog()
        var next = 0
        while true {
            let sendAt = next < history.requests.count ? history.requests[next].at : .distantFuture
            let dueAt = try await store.nextDueAt() ?? .distantFuture
            let now = min(sendAt, dueAt)
            if now == .distantFuture { break }
            clock.set(now)
            while next < history.requests.count, history.requests[next].at <= now {
                let result = try await store.enqueue([Submission(draft: history.requests[next].draft)])[0]
                guard case .accepted(let id) = result else { throw StoreError(.internal, "refused: \(result)") }
                try log.append(try #require(try await store.message(id)))
                next += 1
            }
            while let claimed = try await store.claim(limit: 1, lease: .seconds(60), channels: Set(Channel.allCases))
                .first
            {
                ends[claimed.claim.delivery] = try await settle(claimed, in: store, policy, at: now)
            }
        }
        await store.close()
        log.seal()
        return (ends, log)
    }

    /// Processes one claim. Nil when the delivery waits again.
    private static func settle(
        _ claimed: ClaimedDelivery, in store: SQLiteStore, _ policy: Policy, at now: Instant
    ) async throws -> ReplayRun.End? {
        let delivery = claimed.claim.delivery
        var candidate = AdmissionRequest(
            delivery: delivery, epoch: claimed.claim.epoch, message: claimed.message,
            channel: claimed.message.firstChannel(of: delivery, for: claimed.profile), provider: "p")
        while true {
            let result = try await store.admit(
                [candidate], policyVersion: policy.version, horizon: policy.horizon, attemptTimeout: .seconds(30)
            ) { policy.decide($0, facts: $1, conditions: .normal, now: $2) }[0]
            switch result {
            case .rerouted(let channel): candidate.channel = channel
            case .admitted(let admitted):
                let change = DeliveryChange(.sent, attempt: 1, channel: candidate.channel, provider: "p")
                try await store.record([
                    AttemptRecord(ledgerID: admitted.ledgerID, delivery: delivery, proof: .sent, change: change)
                ])
                return .init(delivery: delivery, state: .sent, channel: candidate.channel, reason: "", at: now)
            case .settled(let decision):
                switch decision.verdict {
                case .hold: return nil
                case .drop(let reason): return .init(delivery: delivery, state: .dropped, reason: reason.rawValue)
                default: return .init(delivery: delivery, state: .expired, reason: "expired")
                }
            case .stale, .policyChanged, .undecided: throw StoreError(.internal, "A claim was lost.")
            }
        }
    }
}
