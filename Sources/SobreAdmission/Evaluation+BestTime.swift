import JSON
import SobreModel
import Text
import ZoneInfo

/// A better moment to send than now.
struct BestTimeFinding {
    var until: Instant
    /// The hour of the week in the recipient's zone, Monday 00:00 first.
    var hour: Int
    /// The latest moment the message allows.
    var latest: Instant
    /// How many of the recipient's own openings and clicks are included.
    var events: Int

    func summary(in evaluation: Evaluation) -> String { "best time \(name), at \(until)" }

    /// For example `Tuesday 18:00`.
    var name: String {
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        return "\(days[hour / 24]) \(hour % 24 < 10 ? "0" : "")\(hour % 24):00"
    }
}

extension Evaluation {
    /// The moment within the message's span at which the recipient is more likely to read it than now. Nil when now is
    /// as good, or when the span is over.
    ///
    /// This is the last step of a channel, and it runs only at the first attempt. Moments in quiet hours, in a pause or
    /// after the message's expiry are skipped. Caps are evaluated when the moment comes.
    func bestTime(_ traits: ContactTraits, on channel: Channel) -> BestTimeFinding? {
        guard let within = message.bestTimeWithin, request.attempt <= 1, !request.possibleDuplicate else {
            return nil
        }
        var latest = request.message.beginsAt + within
        if let expiresAt { latest = min(latest, expiresAt - .milliseconds(1)) }
        guard latest > now else { return nil }
        let best = BestTime(own: engagement(on: channel), prior: facts.prior)
        let zone = zones.calendar
        var hash = StableHash()
        hash.combine("best_time")
        hash.combine(KeyHash(rawValue: UInt64(bitPattern: request.delivery.rawValue)))
        let share = Double(hash.keyHash.rawValue % 1_000) / 1_000
        let quiet = quietRules(traits)
        let moment = best.moment(from: now, to: latest, in: zone, share: share) { moment in
            pause(traits, at: moment) == nil
                && !quiet.contains { policy.rules.quiet[Int($0)].isQuiet(at: moment, zones: zones.all) }
        }
        return moment.map { moment in
            BestTimeFinding(
                until: moment, hour: BestTime.hour(of: moment, in: zone), latest: latest, events: best.events)
        }
    }

    func writeBestTime(_ review: ChannelReview, to json: inout JSONWriter) {
        guard let within = message.bestTimeWithin else { return }
        json.object { json in
            json.key("step")
            json.value(AdmissionStep.bestTime.description)
            json.key("passes")
            json.value(review.bestTime == nil)
            json.member("within", ifPresent: DurationText.exact(within))
            guard let finding = review.bestTime else { return }
            json.member("hour", ifPresent: finding.name)
            json.member("zone", ifPresent: zones.calendar.name)
            json.key("own_events")
            json.value(finding.events)
            json.member("until", ifPresent: finding.until.rfc3339)
            json.member("latest", ifPresent: finding.latest.rfc3339)
        }
    }
}
