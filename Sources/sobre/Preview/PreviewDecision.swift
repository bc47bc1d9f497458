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

extension PreviewDecision {
    /// The production decision about each delivery of a message that is not sent.
    static func decide(
        _ message: Message, facts: AdmissionFacts, policy: Policy, conditions: AdmissionConditions, now: Instant
    ) -> [PreviewDecision] {
        policy.dryRun(message, facts: facts, conditions: conditions, now: now).map {
            PreviewDecision($0.channel, $0.decision)
        }
    }
}

/// Asks the production decision about messages that are not sent.
struct PreviewJudge {
    let settings: Settings

    /// Decides about each of these messages by itself, on what is known of the person's earlier contacts.
    ///
    /// - Returns: for each message a decision for each of its deliveries.
    func decide(
        _ drafts: [MessageDraft], subject: PreviewSubject, now: Instant
    ) async throws -> [[PreviewDecision]] {
        let path = settings.paths.policy
        let policy = try Policy.parse(
            text: TextFile.readText(path, atMost: 1 << 20), file: FilePath.forDisplay(path), zones: .system)
        guard case .stored = subject.origin else {
            return decide(drafts, AdmissionFacts(profile: subject.profile), policy, now)
        }
        guard let store = try SQLiteStore.openUnlessOwned(directory: settings.data.directory) else {
            return try await ask(drafts)
        }
        let facts: AdmissionFacts
        do {
            facts = try await store.facts(recipient: subject.profile.id, horizon: policy.horizon)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        return decide(drafts, facts, policy, now)
    }

    private func decide(
        _ drafts: [MessageDraft], _ facts: AdmissionFacts, _ policy: Policy, _ now: Instant
    ) -> [[PreviewDecision]] {
        var ids = MessageIDGenerator(after: nil)
        return drafts.map { draft in
            let message = Message(id: ids.next(at: now), acceptedAt: now, draft: draft)
            return PreviewDecision.decide(message, facts: facts, policy: policy, conditions: .normal, now: now)
        }
    }

    /// Asks the server that owns the data directory, which knows the live state.
    private func ask(_ drafts: [MessageDraft]) async throws -> [[PreviewDecision]] {
        let client = ServerClient(owning: settings)
        var decisions: [[PreviewDecision]] = []
        do {
            for draft in drafts {
                let (status, document) = try await client.send("POST", "/v1/decisions", body: Self.request(draft))
                guard status == 200, let found = document?.root["decisions"] else {
                    throw CommandFailure(.data, ServerClient.detail(of: document, status: status))
                }
                decisions.append(zip(found.elements, draft.plans).map { Self.decision($0, plan: $1) })
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return decisions
    }

    /// A decision as the server writes it.
    private static func decision(_ found: JSONRef, plan: [Channel]) -> PreviewDecision {
        var reason = [found["reason"]?.string, found["summary"]?.string].compactMap { $0 }.joined(separator: ": ")
        if let until = found["until"]?.string, !reason.contains("until ") { reason += ", until \(until)" }
        let channel = found["channel"]?.string.flatMap { Channel(name: $0) } ?? plan[0]
        return PreviewDecision(channel, verdict: found["verdict"]?.string ?? "unknown", reason: reason)
    }

    private static func request(_ draft: MessageDraft) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("recipient", ifPresent: draft.recipient)
            writer.member("template", ifPresent: draft.template)
            writer.member("campaign", ifPresent: draft.campaign)
            writer.member("category", ifPresent: draft.category)
            writer.member("topic", ifPresent: draft.topic)
            writer.key("channels")
            writer.value(draft.channels.map(\.description))
            writer.member("route", ifPresent: draft.route.description)
            writer.member("priority", ifPresent: draft.priority.description)
            writer.key("data")
            writer.raw(draft.data)
        }
        return writer.take()
    }
}
