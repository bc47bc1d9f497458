import Files
import JSON
import SobreAdmission
import SobreModel
import SobreNode
import SobreSQLite
import SobreSettings
import SobreStore
import ZoneInfo

/// What the policy would do with one channel's message, in words.
struct PreviewDecision: Sendable {
    var channel: Channel
    /// `send`, `hold`, `drop`, `expire`.
    var verdict: String
    /// The reason, for all but `send`.
    var reason: String

    var isSend: Bool { verdict == "send" }

    init(_ channel: Channel, _ decision: AdmissionDecision) {
        self.channel = channel
        reason = decision.summary
        switch decision.verdict {
        case .send: verdict = "send"
        case .reroute: verdict = "reroute"
        case .hold(let until, let why):
            verdict = "hold"
            reason = why.rawValue + (reason.isEmpty ? "" : ": \(reason)")
            if !reason.contains("until ") { reason += ", until \(until)" }
        case .drop(let why):
            verdict = "drop"
            reason = why.rawValue + (reason.isEmpty || reason == why.rawValue ? "" : ": \(reason)")
        case .expire:
            verdict = "expire"
            reason = reason.isEmpty ? "it is too late to send it" : reason
        }
    }

    init(_ channel: Channel, verdict: String, reason: String) {
        self.channel = channel
        self.verdict = verdict
        self.reason = reason
    }
}

/// Asks the production decision about a message that is not sent.
struct PreviewJudge {
    let settings: Settings

    /// Decides for the message with each of these plans, on what is known of the person's earlier contacts.
    func decide(
        _ draft: MessageDraft, plans: [[Channel]], subject: PreviewSubject, now: Instant
    ) async throws -> [PreviewDecision] {
        let path = settings.paths.policy
        let policy = try Policy.parse(
            text: TextFile.readText(path, atMost: 1 << 20), file: FilePath.forDisplay(path), zones: .system)
        guard case .stored = subject.origin else {
            return decide(draft, plans, AdmissionFacts(profile: subject.profile), policy, now)
        }
        guard let store = try SQLiteStore.openUnlessOwned(directory: settings.data.directory) else {
            return try await ask(draft, plans)
        }
        let facts: AdmissionFacts
        do {
            facts = try await store.facts(recipient: draft.recipient, horizon: policy.horizon)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        return decide(draft, plans, facts, policy, now)
    }

    private func decide(
        _ draft: MessageDraft, _ plans: [[Channel]], _ facts: AdmissionFacts, _ policy: Policy, _ now: Instant
    ) -> [PreviewDecision] {
        var ids = MessageIDGenerator(after: nil)
        return plans.map { plan in
            var draft = draft
            draft.channels = plan
            if draft.route != .best { draft.route = .first }
            let message = Message(id: ids.next(at: now), acceptedAt: now, draft: draft)
            let (channel, decision) = DryRunner.decide(
                message, message.id.delivery(0), facts: facts, policy: policy, now: now)
            return PreviewDecision(channel ?? plan[0], decision)
        }
    }

    /// Asks the server that owns the data directory, which knows the live state.
    private func ask(_ draft: MessageDraft, _ plans: [[Channel]]) async throws -> [PreviewDecision] {
        let client = ServerClient(owning: settings)
        var decisions: [PreviewDecision] = []
        do {
            for plan in plans {
                let (status, document) = try await client.send(
                    "POST", "/v1/decisions", body: Self.request(draft, plan))
                guard status == 200, let found = document?.root["decisions"]?[0] else {
                    throw CommandFailure(.data, ServerClient.detail(of: document, status: status))
                }
                var reason = [found["reason"]?.string, found["summary"]?.string].compactMap { $0 }.joined(
                    separator: ": ")
                if let until = found["until"]?.string, !reason.contains("until ") { reason += ", until \(until)" }
                let channel = found["channel"]?.string.flatMap { Channel(name: $0) } ?? plan[0]
                decisions.append(
                    PreviewDecision(channel, verdict: found["verdict"]?.string ?? "unknown", reason: reason))
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return decisions
    }

    private static func request(_ draft: MessageDraft, _ plan: [Channel]) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("recipient", ifPresent: draft.recipient)
            writer.member("template", ifPresent: draft.template)
            writer.member("campaign", ifPresent: draft.campaign)
            writer.member("category", ifPresent: draft.category)
            writer.member("topic", ifPresent: draft.topic)
            writer.key("channels")
            writer.value(plan.map(\.description))
            writer.key("data")
            writer.raw(draft.data)
        }
        return writer.take()
    }
}
