import SobreModel
import SobreNode
import SobreRendering
import SobreSettings

/// A template rendered for one person on every channel, with the decision.
struct PreviewReport: Sendable {
    struct Part: Sendable {
        var channel: Channel
        var result: RenderResult
        /// Nil when it could not be asked for; the reason is in ``PreviewReport/undecided``.
        var decision: PreviewDecision?
    }

    let template: MessageTemplate
    let subject: PreviewSubject
    let draft: MessageDraft
    let now: Instant
    var parts: [Part] = []
    /// What would become of the message with its whole plan; nil where each channel is a delivery of its own.
    var outcome: PreviewDecision?
    /// How long rendering all parts took.
    var renderTime: Duration
    /// Why there is no decision.
    var undecided: String?

    init(
        template: MessageTemplate, subject: PreviewSubject, channels: [Channel], now: Instant,
        catalogue: TemplateCatalogue, settings: Settings
    ) async throws {
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
        let address = settings.links.publicURL
        let preferences = settings.links.preferencesURL
        let renderer = MessageRenderer(
            catalogue: catalogue,
            links: MessageLinks(unsubscribe: { _ in "\(address)/u/preview" }, preferences: { _ in preferences }),
            options: settings.renderingOptions)
        let profile = subject.profile
        let started = ContinuousClock.now
        let results = shown.map { channel in
            renderer.render(message, profile: profile, channel: channel, now: now, delivery: message.id.delivery(0))
        }
        renderTime = ContinuousClock.now - started
        parts = zip(shown, results).map { Part(channel: $0, result: $1) }
        do {
            let judge = PreviewJudge(settings: settings)
            // The message as it is. Where one delivery has all channels to choose from, a hold on one holds the message,
            // and each channel alone is asked about as well.
            let isOne = !draft.route.hasDeliveryPerChannel
            let alone = isOne ? shown.map(draft.restricted(to:)) : []
            var decisions = try await judge.decide([draft] + alone, subject: subject, now: now)
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
    var hasFailure: Bool {
        parts.contains { if case .failed = $0.result { true } else { false } }
    }

    /// The HTML part, if there is one.
    var html: String? {
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
