public import SobreModel
public import SobreRendering

/// A template rendered for one person on every channel, with the decision.
public struct PreviewReport: Sendable {
    public struct Part: Sendable {
        public var channel: Channel
        public var result: RenderResult
        /// Nil when it could not be asked for; the reason is in ``PreviewReport/undecided``.
        public var decision: PreviewDecision?
    }

    public let template: MessageTemplate
    public let subject: PreviewSubject
    public let draft: MessageDraft
    public let now: Instant
    public var parts: [Part] = []
    /// What would become of the message with its whole plan; nil where each channel is a delivery of its own.
    public var outcome: PreviewDecision?
    /// How long rendering all parts took.
    public var renderTime: Duration
    /// Why there is no decision.
    public var undecided: String?

    /// Renders a template for somebody, and asks what would become of it.
    ///
    /// - Parameters:
    ///   - template: what is rendered.
    ///   - subject: for whom, and with what data.
    ///   - channels: empty: all of the template's.
    ///   - now: the time of everything.
    ///   - renderer: the renderer of the server.
    ///   - decide: for each of these messages a decision for each of its deliveries.
    public init(
        template: MessageTemplate, subject: PreviewSubject, channels: [Channel], now: Instant,
        renderer: MessageRenderer,
        decide: ([MessageDraft]) async throws -> [[PreviewDecision]]
    ) async {
        self.template = template
        self.subject = subject
        self.now = now
        let shown = channels.isEmpty ? template.manifest.channels : channels
        let manifest = template.manifest
        draft = MessageDraft(
            recipient: subject.profile.id, template: manifest.name, campaign: manifest.campaign,
            category: manifest.category ?? "marketing", topic: manifest.topic, channels: shown,
            route: manifest.route ?? .first, priority: manifest.priority ?? .normal, data: subject.data)
        var ids = MessageIDGenerator(after: nil)
        let message = Message(id: ids.next(at: now), acceptedAt: now, draft: draft)
        let profile = subject.profile
        let started = ContinuousClock.now
        let results = shown.map { channel in
            renderer.render(message, profile: profile, channel: channel, now: now, delivery: message.id.delivery(0))
        }
        renderTime = ContinuousClock.now - started
        parts = zip(shown, results).map { Part(channel: $0, result: $1) }
        do {
            // The message as it is. Where one delivery has all channels to choose from, a hold on one holds the message,
            // and each channel alone is asked about as well.
            let isOne = !draft.route.hasDeliveryPerChannel
            let alone = isOne ? shown.map(draft.restricted(to:)) : []
            var decisions = try await decide([draft] + alone)
            let own = decisions.removeFirst()
            if isOne { outcome = own.first }
            for (index, decision) in (isOne ? decisions.compactMap(\.first) : own).enumerated() {
                parts[index].decision = decision
            }
        } catch {
            undecided = "\(error)"
        }
    }

    /// Whether a channel could not be rendered; an abort of the template is an answer, not a failure.
    public var hasFailure: Bool {
        parts.contains { if case .failed = $0.result { true } else { false } }
    }

    /// The HTML part, if there is one.
    public var html: String? {
        for part in parts {
            if case .rendered(let content, _, _) = part.result, let html = content.text(.html) { return html }
        }
        return nil
    }
}

extension MessageDraft {
    /// The same message with one of its channels.
    fileprivate func restricted(to channel: Channel) -> MessageDraft {
        var draft = self
        draft.channels = [channel]
        return draft
    }
}
