import JSON
import SobreModel

/// How a person responds on one channel, smoothed.
struct ChannelRank {
    var channel: Channel
    /// Responses by a hundred messages, rounded: differences below that are noise, and then the cheaper channel wins.
    var percent: Int
    var cost: Double
    var counts: Engagement.Counts
}

extension Evaluation {
    /// Messages of everybody's that count as much as the person's own on a channel; and, for everybody's, of a plain
    /// one in ten. So one lucky opening does not decide, and many do.
    private static let weight = 10.0
    private static let plainRate = 0.1

    /// The channels of a plan by the person's own response: best first, then the cheaper, then as the plan says.
    func ranked(_ plan: [Channel]) -> [ChannelRank] {
        plan.enumerated().map { place, channel in
            let own = facts.engagement[channel]
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

    /// A click tells of an opening, also where openings are not seen.
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
                }
            }
        }
    }
}
