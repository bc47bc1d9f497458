public import SobreModel
public import SobreRendering

/// A template rendered for one recipient on every channel, with the decisions.
public struct PreviewReport: Sendable {
    public struct Part: Sendable {
        public var channel: Channel
        public var result: RenderResult
        /// Nil if there is no decision; ``PreviewReport/undecided`` has the reason.
        public var decision: PreviewDecision?
    }

    public let template: MessageTemplate
    public let subject: PreviewSubject
    public let draft: MessageDraft
    public let now: Instant
    public var parts: [Part] = []
    /// The decision for the message with all its channels; nil if each channel is a delivery of its own.
    public var outcome: PreviewDecision?
    /// The time to render all parts.
    public var renderTime: Duration
    /// Why there is no decision; nil if there is one.
    public var undecided: String?

    /// Renders a template for a recipient and decides for the message.
    ///
    /// - Parameters:
    ///   - template: the template to render.
    ///   - subject: the recipient and the data.
    ///   - channels: the channels to render; empty for all of the template's.
    ///   - now: the time of rendering and deciding.
    ///   - renderer: the renderer of the server.
    ///   - decide: returns, for each message, a decision for each of its deliveries.
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
            // Decides for the whole message. If one delivery has all channels, a hold on one channel holds the message,
            // so each channel is decided on its own as well.
            let isOne = !draft.route.hasDeliveryPerChannel
            let alone = isOne ? shown.map(draft.restricted(to:)) : []
            var decisions = try await decide([draft] + alone)
            let own = decisions.removeFirst()
            if isOne { outcome = own.first }
            for (index, decision) in (isOne ? decisions.compactMap(\.first) : own).enumerated() {
                parts[index].decision = verdict(on: parts[index], deciding: decision)
            }
            if let found = outcome { outcome = outcome(of: found) }
        } catch {
            undecided = "\(error)"
        }
    }

    /// The verdict on a channel, in the order of the pipeline: what is late expires, then it is rendered, then decided
    /// about. Without an address nothing is rendered.
    private func verdict(on part: Part, deciding decision: PreviewDecision) -> PreviewDecision {
        guard decision.verdict != "expire", subject.profile.address(on: part.channel) != nil else { return decision }
        func verdict(_ verdict: String, _ code: String, _ reason: String) -> PreviewDecision {
            PreviewDecision(part.channel, verdict: verdict, reason: "\(code): \(reason.prefix { $0 != "\n" })")
        }
        return switch part.result {
        case .rendered: decision
        case .failed(let reason, _): verdict("hold", HoldReason.renderFailed.rawValue, reason)
        case .aborted(let reason, _): verdict("drop", DropReason.abortedByTemplate.rawValue, reason)
        }
    }

    /// The outcome of the whole plan: the first channel on the way to the decided one that is not rendered ends it.
    private func outcome(of decision: PreviewDecision) -> PreviewDecision {
        for part in parts {
            let found = verdict(on: part, deciding: decision)
            if found != decision { return found }
            if part.channel == decision.channel { break }
        }
        return decision
    }

    /// Whether a channel failed to render. An abort by the template is not a failure.
    public var hasFailure: Bool {
        parts.contains { if case .failed = $0.result { true } else { false } }
    }

    /// The HTML part, if any.
    public var html: String? {
        for part in parts {
            if case .rendered(let content, _, _) = part.result, let html = content.text(.html) { return html }
        }
        return nil
    }
}

extension MessageDraft {
    /// The message restricted to one of its channels.
    fileprivate func restricted(to channel: Channel) -> MessageDraft {
        var draft = self
        draft.channels = [channel]
        return draft
    }
}
