import SobreModel

/// A history as text, for debugging.
extension History {
    public var text: String {
        let traits = [
            "\(people) people", "policy \(firstPolicy)", isKind ? "kind providers" : "",
            isTalkative ? "talkative providers" : "", looksAtMidnight ? "people look at midnight" : "",
            restoredStart.map { "start \($0) on restored data" } ?? "",
        ]
        return (["seed \(seed): \(traits.filter { !$0.isEmpty }.joined(separator: ", "))"] + steps.map { "  \($0)" })
            .joined(separator: "\n")
    }

    /// The steps of the seed's history that are left, and the messages of each: `3,7:0+2`. Nil when all are left.
    ///
    /// ``keeping(_:)`` makes the same history again.
    public var kept: String? {
        let whole = History.random(seed)
        if whole.steps.count == steps.count, whole.letters == letters { return nil }
        return steps.map { step in
            guard case .send(let batch) = step.action, case .send(let all) = whole.steps[step.place].action,
                batch.count < all.count
            else { return "\(step.place)" }
            return "\(step.place):" + batch.map { "\($0.number)" }.joined(separator: "+")
        }.joined(separator: ",")
    }

    private var letters: Int {
        steps.reduce(0) { sum, step in if case .send(let batch) = step.action { sum + batch.count } else { sum } }
    }

    /// The history with only these steps. Nil when the text does not have the format of ``kept``.
    public func keeping(_ text: String) -> History? {
        var history = self
        history.steps = []
        for part in text.split(separator: ",") {
            let words = part.split(separator: ":")
            guard let place = Int(words[0]), var step = steps.first(where: { $0.place == place }) else { return nil }
            if words.count == 2, case .send(let batch) = step.action {
                let numbers = words[1].split(separator: "+").compactMap { Int($0) }
                step.action = .send(batch.filter { numbers.contains($0.number) })
            }
            history.steps.append(step)
        }
        return history
    }
}

extension History.Step: CustomStringConvertible {
    public var description: String { "\(at) ms: \(action)" }
}

extension History.Letter: CustomStringConvertible {
    public var description: String {
        var parts = [
            "message \(number): \(category) \(campaign)/\(template) \(words) to p\(person)",
            "\(route) of " + channels.map(\.description).joined(separator: ", "),
        ]
        if route == .escalate { parts.append("after \(escalatesAfter) ms until \(escalatesUntil)") }
        if priority != .normal { parts.append("\(priority)") }
        if let dedupKey { parts.append("dedup \(dedupKey)") }
        if let key { parts.append("key \(key)") }
        if let sendAfter { parts.append("sent after \(sendAfter) ms") }
        if let expiresAfter { parts.append("expires after \(expiresAfter) ms") }
        if let bestTimeWithin { parts.append("best time within \(bestTimeWithin) ms") }
        if let tenant { parts.append("for \(tenant)") }
        if isTest { parts.append("a test") }
        if let capFlags { parts.append(capFlags.obeys ? "not counted" : "not capped") }
        return parts.joined(separator: "; ")
    }
}

extension History.Action: CustomStringConvertible {
    public var description: String {
        func scope(_ channel: Channel?, _ category: String?) -> String {
            [channel?.description, category].compactMap { $0 }.map { " on \($0)" }.joined()
        }
        switch self {
        case .send(let batch): return batch.map(\.description).joined(separator: "\n      and ")
        case .change(let person, let consents, let other, let hasPhone, let hasTablet):
            return "p\(person) \(consents ? "consents" : "refuses")"
                + (other.map { ", has the mailbox of p\($0)" } ?? "") + (hasPhone ? "" : ", has no phone")
                + (hasTablet ? ", has a tablet" : "")
        case .share(let person, let channel, let other, let moves):
            return "p\(person) \(moves ? "takes over" : "shares") the \(channel) address of p\(other)"
        case .wish(let person, let wish):
            let pause = wish.pause.map { "no message\(scope(wish.channel, wish.category)) for \($0) ms" }
            return "p\(person) asks for " + (pause ?? wish.rule.map { "\(wish.limit) of \($0)" } ?? "\(wish.percent) %")
        case .suppress(let person, let byAddress, let channel, let category):
            return "suppress \(byAddress ? "the mailbox of " : "")p\(person)\(scope(channel, category))"
        case .lift(let person): return "lift the suppressions of p\(person)"
        case .cancel(let letter): return "cancel message \(letter)"
        case .merge(let from, let into): return "merge p\(from) into p\(into)"
        case .policy(let number): return "policy \(number)"
        case .pause(let filter, let length): return "pause \(filter)" + (length.map { " for \($0) ms" } ?? "")
        case .resume(let filter): return "resume \(filter)"
        case .crash(let down): return "crash, down for \(down) ms"
        case .crashAt(let point, let down): return "crash when next \(point.rawValue), down for \(down) ms"
        case .restart(let down): return "restart, down for \(down) ms"
        case .freeze(let length): return "stand still for \(length) ms"
        case .setClock(let ahead): return "set the wall clock \(ahead) ms ahead of the truth"
        case .storm(let provider, let fate, let length): return "\(provider) \(fate.rawValue) for \(length) ms"
        case .failStore(let call, let times): return "the next \(times) \(call.rawValue) fail"
        case .loseAnswer(let call): return "the next \(call.rawValue) commits and fails"
        case .stall(let call, let length): return "the next \(call.rawValue) takes \(length) ms"
        case .receipts(let copies): return "receipts of all so far, \(copies) times"
        }
    }
}
