internal import SobreDelivery
internal import SobreModel
internal import SobreSettings

/// A provider whose refusals are read by rules of the operator first.
struct RuledProvider: Provider {
    private struct Rule {
        let pattern: TextPattern
        let measure: AnswerRule.Measure
    }

    private let provider: any Provider
    private let rules: [Rule]

    /// - Throws: ``ProviderError`` that names the rule whose pattern cannot be read.
    init(_ provider: any Provider, rules: [AnswerRule]) throws(ProviderError) {
        self.provider = provider
        var compiled: [Rule] = []
        for rule in rules {
            do { compiled.append(Rule(pattern: try TextPattern(rule.match), measure: rule.measure)) } catch {
                throw .badSetting(
                    instance: provider.name, name: "answers", problem: "the pattern \"\(rule.match)\": \(error)")
            }
        }
        self.rules = compiled
    }

    var name: String { provider.name }
    var channel: Channel { provider.channel }
    var preparesAhead: Bool { provider.preparesAhead }
    var polling: (any PollingProvider)? { provider.polling }

    func refusal(of content: RenderedMessage) -> Outcome? { provider.refusal(of: content) }

    func refusal(of content: RenderedMessage, to address: Address) -> Outcome? {
        provider.refusal(of: content, to: address)
    }

    func send(
        _ outbound: OutboundMessage, over transport: any Transport, completion: @escaping @Sendable (Outcome) -> Void
    ) {
        provider.send(outbound, over: transport) { outcome in completion(judged(outcome)) }
    }

    /// The outcome as the first matching rule reads it. A rule never changes what may have been sent.
    func judged(_ outcome: Outcome) -> Outcome {
        guard outcome.kind.proof == .notSent, let rule = rules.first(where: { $0.pattern.matches(outcome.detail.utf8) })
        else { return outcome }
        var judged = outcome
        judged.commonCause = nil
        switch rule.measure {
        case .slowDown(let length):
            judged.kind = .throttled
            judged.retryAfter = max(length, outcome.retryAfter ?? .zero)
        case .pause(let length):
            judged.kind = .auth
            judged.retryAfter = max(length, outcome.retryAfter ?? .zero)
        }
        return judged
    }
}
