import JSON
import SobreModel
import ZoneInfo

/// Writes the explanation as JSON: every step of every channel, including those after the one that decided.
///
/// It depends only on the facts, the policy and the instant, and is written in a fixed order. Equal decisions give
/// equal bytes.
extension Evaluation {
    /// How many of the contacts that fill a rule are listed, newest first. The rule's count is complete.
    static let maxListed = 50

    /// An array with room for most explanations, so that it does not grow several times.
    private static func room() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2_048)
        return bytes
    }

    /// - Parameters:
    ///   - verdict: The decision.
    ///   - summary: Its summary, which the decision holds too.
    /// - Returns: The explanation as JSON.
    func explanation(of verdict: Verdict, summary: String) -> [UInt8] {
        var json = JSONWriter(appendingTo: Self.room())
        json.object { json in
            json.key("verdict")
            json.value(verdict.name)
            json.member("reason", ifPresent: verdict.reason)
            writeTarget(of: verdict.verdict, to: &json)
            json.member("summary", summary)
            json.member("step", ifPresent: verdict.step?.description)
            if let free = verdict.freeAfterExpiry { json.member("free_at", ifPresent: free.rfc3339) }
            json.key("decided_at")
            json.value(now.rfc3339)
            json.key("policy_version")
            json.value(policy.version)
            json.key("delivery")
            json.value(request.delivery.description)
            writeMessage(to: &json)
            writeWholeSteps(to: &json)
            json.key("channels")
            json.array { json in
                guard facts.profile != nil else { return }
                for channel in plan { write(review(channel, thorough: true), to: &json) }
            }
        }
        return json.bytes
    }

    private func writeTarget(of verdict: AdmissionDecision.Verdict, to json: inout JSONWriter) {
        switch verdict {
        case .send: json.member("channel", ifPresent: request.channel.description)
        case .reroute(let channel): json.member("channel", ifPresent: channel.description)
        case .hold(let until, _): json.member("until", ifPresent: until < .distantFuture ? until.rfc3339 : nil)
        case .drop, .expire: break
        }
    }

    private func writeMessage(to json: inout JSONWriter) {
        json.key("message")
        json.object { json in
            json.member("recipient", ifPresent: message.recipient)
            json.member("category", ifPresent: message.category)
            json.member("campaign", ifPresent: message.campaign)
            json.member("journey", ifPresent: message.journey)
            json.member("topic", ifPresent: message.topic)
            json.member("template", ifPresent: message.template)
            json.member("priority", ifPresent: message.priority.description)
            if !message.tags.isEmpty {
                json.key("tags")
                json.value(message.tags)
            }
            json.member("dedup_key", ifPresent: message.dedupKey)
            json.member("tenant", ifPresent: message.tenant)
            json.member("activity", ifPresent: message.activity)
            if message.isTest {
                json.key("test")
                json.value(true)
            }
            if message.channels.count > 1 || message.route != .first {
                json.member("route", ifPresent: message.route.description)
            }
            if message.route == .best { writeRanks(to: &json) }
            json.member("expires_at", ifPresent: expiresAt?.rfc3339)
        }
    }

    private func writeWholeSteps(to json: inout JSONWriter) {
        let isLate = expiresAt.map { now >= $0 } ?? false
        json.key("steps")
        json.array { json in
            step(.cancelled, passes: !facts.isCancelled, to: &json)
            step(.expiry, passes: !isLate, to: &json)
            step(.recipient, passes: facts.profile != nil, to: &json)
            let group = controlGroup
            step(.controlGroup, passes: group == nil, to: &json) { json in
                if let group { json.member("group", ifPresent: policy.rules.controlGroups[group].name) }
            }
            write(operatorPause, to: &json)
            writeCondition(.restored, to: &json)
            writeEscalation(to: &json)
            for step in [AdmissionStep.clock, .facts] { writeCondition(step, to: &json) }
        }
    }

    private func write(_ review: ChannelReview, to json: inout JSONWriter) {
        json.object { json in
            json.key("channel")
            json.value(review.channel.description)
            json.key("steps")
            json.array { json in
                step(.address, passes: review.address != nil, to: &json)
                guard review.address != nil else { return }
                step(.suppression, passes: review.suppression == nil, to: &json) { json in
                    guard let index = review.suppression else { return }
                    let suppression = facts.suppressions[index]
                    json.member("of", ifPresent: suppression.label)
                    json.member("reason", ifPresent: suppression.reason.rawValue)
                    json.member("source", ifPresent: suppression.source)
                    json.member("since", ifPresent: suppression.at.rfc3339)
                }
                if let consent = review.consent { write(consent, to: &json) }
                if let window = review.window {
                    step(.window, passes: window.passes, to: &json) { json in window.write(to: &json) }
                }
                write(review.address.flatMap { operatorPause(on: review.channel, to: $0) }, to: &json)
                write(review.duplicate, to: &json)
                writeQuiet(review, to: &json)
                write(review.pause, to: &json)
                writeCaps(review, to: &json)
                writeBestTime(review, to: &json)
            }
        }
    }

    private func write(_ consent: ConsentFinding, to json: inout JSONWriter) {
        step(.consent, passes: consent.passes, to: &json) { json in
            json.member("mode", ifPresent: consent.mode.rawValue)
            guard let index = consent.index, let found = facts.profile?.consents[index] else { return }
            json.member("about", ifPresent: found.category)
            json.key("granted")
            json.value(found.granted)
            json.member("at", ifPresent: found.at?.rfc3339)
            json.member("source", ifPresent: found.source)
        }
    }

    private func write(_ duplicate: DuplicateFinding?, to json: inout JSONWriter) {
        step(.duplicate, passes: duplicate == nil, to: &json) { json in
            guard let duplicate else { return }
            json.member("rule", ifPresent: duplicate.name(in: self))
            switch duplicate.kind {
            case .earlier(let entry):
                json.key("of")
                write(facts.ledger[entry], to: &json)
            case .inFlight(let entry):
                json.key("waits_for")
                write(facts.ledger[entry], to: &json)
            case .missingKey: json.member("error", ifPresent: "the message has no dedup_key")
            }
        }
    }

    private func writeQuiet(_ review: ChannelReview, to json: inout JSONWriter) {
        step(.quietHours, passes: review.quiet == nil, to: &json) { json in
            guard let quiet = review.quiet else { return }
            let rule = policy.rules.quiet[quiet.rule]
            json.member("rule", ifPresent: rule.name)
            json.key("zones")
            json.value(rule.zone.map { [$0.name] } ?? zones.all.map(\.name))
            json.member("zone_from", ifPresent: rule.zone == nil ? zones.origin.rawValue : "rule")
            json.member("on_hit", ifPresent: quiet.action.rawValue)
            json.member("until", ifPresent: quiet.until?.rfc3339)
        }
    }

    func step(
        _ step: AdmissionStep, passes: Bool, to json: inout JSONWriter, _ body: (inout JSONWriter) -> Void = { _ in }
    ) {
        json.object { json in
            json.key("step")
            json.value(step.description)
            json.key("passes")
            json.value(passes)
            body(&json)
        }
    }
}
