import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import YAMLDocument

@testable import SobreProviders

@Suite("The operator's rules for a provider's answers") struct AnswerRuleTests {
    private func instances(_ answers: String, health: String = "{}") throws -> [ProviderInstance] {
        let yaml = """
            relay:
              type: smtp
              settings: {host: 127.0.0.1, port: 2525, security: none, from: shop@example.com}
              health: \(health)
              answers: \(answers)
            """
        return try ProviderInstance.parseAll(YAMLDocument.parse(text: yaml, file: "p.yaml").root)
    }

    private func outcome(_ answers: String, to answer: MailAnswer) throws -> Outcome {
        let factory = ProviderFactory(manifests: [])
        let provider = try factory.make(try instances(answers)[0]).provider
        let outcomes = Outcomes()
        provider.send(
            outbound(.email(Self.mail), to: "ann@example.net"), over: FakeTransport(mail: answer),
            completion: outcomes.completion)
        return try #require(outcomes.all.first)
    }

    private static let mail = EmailContent(
        from: Mailbox(address: "shop@example.com"), subject: "Offer", html: nil, text: "Hello")

    private static let rules = """
        [{match: "list (a|b)", slow_down: 2m}, {match: "account under review", pause: 10m}, {match: "list", pause: 5m}]
        """

    @Test func `the first rule that matches a refusal says whether to slow down or to pause, and for how long`() throws
    {
        func judged(_ text: String) throws -> Outcome {
            try outcome(
                Self.rules, to: .rejected(stage: .rcpt, code: 550, enhanced: nil, text: text))
        }
        let slow = try judged("user is on List B")
        #expect(slow.kind == .throttled && slow.retryAfter == .seconds(120))
        let paused = try judged("account under review")
        #expect(paused.kind == .auth && paused.retryAfter == .seconds(600))
        #expect(paused.detail.contains("under review"))
        #expect(try judged("list c").retryAfter == .seconds(300))
        #expect(try judged("5.1.1 no such user").kind == .recipientInvalid)
    }

    @Test func `an accepted message stays accepted, whatever its answer says`() throws {
        let accepted = try outcome(Self.rules, to: .accepted(code: 250, text: "queued on list a", queueID: "Q1"))
        #expect(accepted.kind == .accepted)
    }

    @Test(arguments: [
        ("[{pause: 5m}]", "the rule has no match"),
        ("[{match: x}]", "slow_down or pause"),
        ("[{match: x, pause: 5m, slow_down: 5m}]", "slow_down or pause"),
        ("[{match: x, pause: 16m}]", "15m"),
        ("[{match: x, wait: 5m}]", "unknown key \"wait\""),
    ])
    func `a rule that cannot be meant is an error with its place`(answers: String, words: String) {
        let error = #expect(throws: YAMLError.self) { try instances(answers) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("p.yaml:5:") == true)
    }

    @Test func `a longer time needs a longer health.retry_after_max, and a pattern that cannot be read is refused`()
        throws
    {
        let rule = try #require(
            try instances("[{match: x, pause: 2h}]", health: "{retry_after_max: 3h}")[0].answers.first)
        #expect(rule == AnswerRule(match: "x", .pause(.seconds(7200))))
        let error = #expect(throws: ProviderError.self) {
            try ProviderFactory(manifests: []).make(try instances("[{match: \"(x\", pause: 5m}]")[0])
        }
        #expect(error?.description.contains("Provider relay cannot use its answers: the pattern \"(x\"") == true)
    }
}
