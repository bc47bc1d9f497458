import JSON
import SobreModel

/// A recipient's smoothed response rate on one channel.
struct ChannelRank {
    var channel: Channel
    /// Responses per hundred messages, rounded. Smaller differences are noise, and the cheaper channel wins.
    var percent: Int
    var cost: Double
    var counts: Engagement.Counts
}

extension Evaluation {
    /// How many messages of all recipients count as much as the recipient's own on a channel. The rate of all
    /// recipients is smoothed in the same way towards a plain one in ten. A single opening thus does not decide, but
    /// many do.
    private static let weight = 10.0
    private static let plainRate = 0.1

    /// The channels of a plan, ordered by the recipient's response rate, then by cost, then by the plan.
    func ranked(_ plan: [Channel]) -> [ChannelRank] {
        plan.enumerated().map { place, channel in
            let own = engagement(on: channel)[channel]
            let all = facts.prior[channel]
            let common =
                (Self.responses(all) + Self.weight * Self.plainRate) / (Double(all.delivered) + Self.weight)
            let rate = (Self.responses(own) + Self.weight * common) / (Double(own.delivered) + Self.weight)
            let rank = ChannelRank(
                channel: channel, percent: Int((min(rate, 1) * 100).rounded()),
                cost: policy.rules.channelCosts[channel] ?? channel.cost, counts: own)
            return (place, rank)
        }
        .sorted { a, b in
            (-a.1.percent, a.1.cost, a.0) < (-b.1.percent, b.1.cost, b.0)
        }
        .map(\.1)
    }

    /// The recipient's own responses, as far as they may be used: none without consent to tracking on the channel.
    func engagement(on channel: Channel) -> Engagement {
        mayTrack(on: channel) ? facts.engagement : .none
    }

    private func mayTrack(on channel: Channel) -> Bool {
        policy.mayTrack(facts.profile, on: channel, at: now, now: now)
    }

    /// A click implies an opening, even where openings are not tracked.
    private static func responses(_ counts: Engagement.Counts) -> Double { Double(max(counts.opened, counts.clicked)) }

    func writeRanks(to json: inout JSONWriter) {
        json.key("ranks")
        json.array { json in
            for rank in ranked(request.message.draft.channels) {
                json.object { json in
                    json.member("channel", ifPresent: rank.channel.description)
                    json.key("percent")
                    json.value(rank.percent)
                    json.key("delivered")
                    json.value(Int(rank.counts.delivered))
                    json.key("opened")
                    json.value(Int(rank.counts.opened))
                    json.key("clicked")
                    json.value(Int(rank.counts.clicked))
                    if !mayTrack(on: rank.channel) { json.member("tracking", ifPresent: "no_consent") }
                }
            }
        }
    }
}
