import SobreModel

/// I31: what an operator has paused does not begin.
extension Checker {
    /// How long a request that had begun may take to arrive, in milliseconds.
    private static let longestWay: Int64 = 20

    mutating func seePaused(_ pause: SendingPause, at moment: Moment) {
        let since = operatorPauses.first { $0.pause.id == pause.id }?.since ?? moment
        operatorPauses.removeAll { $0.pause.id == pause.id }
        operatorPauses.append((pause, since))
    }

    /// The pause that covers a message on a channel, whoever the provider is.
    func operatorPause(_ draft: MessageDraft, on channel: Channel, at now: Instant) -> SendingPause? {
        operatorPauses.first { pause, _ in
            Self.lasts(pause, at: now) && Self.means(pause.filter, draft, on: channel, nil)
        }?.pause
    }

    /// Whether a request had begun before everything that covers it was paused. Pauses that end by themselves are judged
    /// with the intents, by the node's clock.
    mutating func judgePauses(_ request: Request, _ intent: Intent, at moment: Moment) {
        for (pause, since) in operatorPauses where pause.until == nil && moment.at > since.at + Self.longestWay {
            guard Self.means(pause.filter, intent.draft, on: request.channel, request.provider) else { continue }
            broken(
                .pauseHolds, at: moment,
                "\(request.provider) was asked for \(request.reference) although \(pause.filter) was paused at \(since.at) ms"
            )
        }
    }

    static func lasts(_ pause: SendingPause, at now: Instant) -> Bool { pause.until.map { now < $0 } ?? true }

    static func means(
        _ filter: DeliveryFilter, _ draft: MessageDraft, on channel: Channel, _ provider: String?
    ) -> Bool {
        let wanted = [
            (filter.campaign, draft.campaign), (filter.category, draft.category), (filter.journey, draft.journey),
            (filter.template, draft.template), (filter.tenant, draft.tenant), (filter.provider, provider),
            (filter.channel?.description, channel.description),
        ]
        return wanted.allSatisfy { wanted, actual in wanted == nil || wanted == actual }
    }
}
