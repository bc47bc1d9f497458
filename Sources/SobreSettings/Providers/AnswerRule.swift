public import YAMLDocument

/// What an operator knows of a provider's answers: a text in a refusal means that we are to send less, or nothing for a
/// while.
///
/// ```yaml
/// answers:
///   - {match: "too many (messages|connections)", slow_down: 2m}
///   - {match: "account .* under review", pause: 15m}
/// ```
public struct AnswerRule: Hashable, Sendable {
    public enum Measure: Hashable, Sendable {
        /// The provider asks for fewer calls: none for this long, then slowly more.
        case slowDown(Duration)
        /// Our account is at fault: no calls for this long, then probes.
        case pause(Duration)
    }

    /// A regular expression, searched in the answer as the log shows it.
    public var match: String
    public var measure: Measure

    public init(match: String, _ measure: Measure) {
        self.match = match
        self.measure = measure
    }

    /// Reads one rule.
    ///
    /// - Parameters:
    ///   - value: a mapping with `match` and one of `slow_down` and `pause`.
    ///   - most: the longest time: `health.retry_after_max`.
    /// - Throws: `YAMLError` with the position of the invalid value.
    init(_ value: YAMLValue, most: Duration) throws(YAMLError) {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ["match", "slow_down", "pause"])
        guard let text = try mapping.string(ifPresent: "match"), !text.isEmpty else {
            throw value.error("the rule has no match", help: "write {match: \"part of the answer\", pause: 5m}")
        }
        let range = Duration.seconds(1)...max(.seconds(1), most)
        let slowDown = try mapping.duration(ifPresent: "slow_down", in: range)
        let pause = try mapping.duration(ifPresent: "pause", in: range)
        match = text
        switch (slowDown, pause) {
        case (let length?, nil): measure = .slowDown(length)
        case (nil, let length?): measure = .pause(length)
        default:
            throw value.error(
                "the rule has to say slow_down or pause", help: "write {match: \"part of the answer\", pause: 5m}")
        }
    }
}
