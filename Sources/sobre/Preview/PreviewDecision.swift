import JSON
import SobreAdmission
import SobreModel
import SobreSQLite
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

    /// Decides for each channel by itself, on what is known of the person's earlier contacts.
    func decide(
        _ draft: MessageDraft, channels: [Channel], subject: PreviewSubject, now: Instant
    ) async throws -> [PreviewDecision] {
        let path = settings.paths.policy
        let policy = try Policy.parse(
            text: TextFile.readText(path, atMost: 1 << 20), file: FilePath.forDisplay(path), zones: .system)
        guard case .stored = subject.origin else {
            return decide(draft, channels, AdmissionFacts(profile: subject.profile), policy, now)
        }
        guard let store = try SQLiteStore.openUnlessOwned(directory: settings.data.directory) else {
            return try await ask(draft, channels)
        }
        let facts: AdmissionFacts
        do {
            facts = try await store.facts(recipient: draft.recipient, horizon: policy.horizon)
        } catch {
            await store.close()
            throw error
        }
        await store.close()
        return decide(draft, channels, facts, policy, now)
    }

    private func decide(
        _ draft: MessageDraft, _ channels: [Channel], _ facts: AdmissionFacts, _ policy: Policy, _ now: Instant
    ) -> [PreviewDecision] {
        var ids = MessageIDGenerator(after: nil)
        return channels.map { channel in
            var draft = draft
            draft.channels = [channel]
            let message = Message(id: ids.next(at: now), acceptedAt: now, draft: draft)
            let (_, decision) = DryRunner.decide(
                message, message.id.delivery(0), facts: facts, policy: policy, now: now)
            return PreviewDecision(channel, decision)
        }
    }

    /// Asks the server that owns the data directory, which knows the live state.
    private func ask(_ draft: MessageDraft, _ channels: [Channel]) async throws -> [PreviewDecision] {
        let usual = "http://\(settings.server.host):\(settings.server.port)"
        let url = ServerMark(directory: settings.data.directory).url ?? usual
        let client = ServerClient(url: url, key: Environment.process["SOBRE_API_KEY"])
        var decisions: [PreviewDecision] = []
        do {
            for channel in channels {
                let (status, document) = try await client.send(
                    "POST", "/v1/decisions", body: Self.request(draft, channel))
                guard status == 200, let found = document?.root["decisions"]?[0] else {
                    throw CommandFailure(.data, ServerClient.detail(of: document, status: status))
                }
                let until = found["until"]?.string.map { ", until \($0)" } ?? ""
                let reason = [found["reason"]?.string, found["summary"]?.string].compactMap { $0 }.joined(separator: ": ")
                decisions.append(
                    PreviewDecision(channel, verdict: found["verdict"]?.string ?? "unknown", reason: reason + until))
            }
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        return decisions
    }

    private static func request(_ draft: MessageDraft, _ channel: Channel) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("recipient", ifPresent: draft.recipient)
            writer.member("template", ifPresent: draft.template)
            writer.member("campaign", ifPresent: draft.campaign)
            writer.member("category", ifPresent: draft.category)
            writer.member("topic", ifPresent: draft.topic)
            writer.key("channels")
            writer.value([channel.description])
            writer.key("data")
            writer.raw(draft.data)
        }
        return writer.take()
    }
}
