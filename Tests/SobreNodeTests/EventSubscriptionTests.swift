import SobreModel
import SobreStore
import SobreWire
import Testing
import Text

@testable import SobreNode
@testable import SobreSettings

@Suite("Subscriptions to events in the settings") struct EventSubscriptionTests {
    private static func parse(_ subscription: String) throws -> Settings {
        try Settings.parse(
            "events:\n  subscriptions:\n    s: \(subscription)\n", file: "test.yaml", folder: "/etc/sobre",
            environment: Environment())
    }

    @Test func `everything that it says is read`() throws {
        let settings = try Self.parse(
            """
            {url: https://a.example/x, secret: file:key, previous_secrets: [env:OLD], events: [sent, dropped],
             campaign: spring, category: [a, b], template: t, provider: relay, channel: sms, addresses: true, from: start}
            """)
        let subscription = try #require(settings.events.subscriptions.first)
        #expect(subscription.secret == .file("/etc/sobre/key") && subscription.previousSecrets == [.environment("OLD")])
        #expect(subscription.events == [.sent, .dropped] && subscription.categories == ["a", "b"])
        #expect(subscription.campaigns == ["spring"] && subscription.channels == [.sms])
        #expect(subscription.includesAddresses && subscription.beginning == .start)
    }

    @Test(arguments: [
        ("{url: https://a.example}", "needs a url and a secret"), ("{secret: env:A}", "needs a url and a secret"),
        ("{url: https://a.example, secret: whsec_abc}", "not a reference"),
        ("{url: https://a.example, secret: env:A, events: sennt}", "sennt"),
        ("{url: https://a.example, secret: env:A, channel: fax}", "fax"),
        ("{url: https://a.example, secret: env:A, from: then}", "then"),
        ("{url: https://a.example, secret: env:A, campain: x}", "campain"),
    ])
    func `a mistake is named`(text: String, words: String) {
        let error = #expect(throws: SettingsError.self) { try Self.parse(text) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("whsec_abc") != true)
    }

    private static let good = "whsec_" + Base64.encode(Array("0123456789abcdef".utf8))

    @Test(arguments: [
        ("http://a.example/x", good, "plain http"), ("https://user@a.example/x", good, "user name"),
        ("ftp://a.example", good, "https://"), ("https://a.example/x", "", "has no value"),
        ("https://a.example/x", "whsec_c2hvcnQ=", "at least 16 bytes"),
    ])
    func `a receiver that cannot be used is broken, and the others work`(url: String, secret: String, words: String)
        throws
    {
        let settings = try Settings.parse(
            """
            events:
              subscriptions:
                bad: {url: "\(url)", secret: env:BAD}
                good: {url: https://b.example/x, secret: env:GOOD}
            """, file: "test.yaml", folder: "/", environment: Environment())
        let subscriptions = EventSubscriptions(settings, environment: Environment(["BAD": secret, "GOOD": Self.good]))
        #expect(subscriptions.ready.map(\.subscription.name) == ["good"])
        let fault = try #require(subscriptions.faults["bad"])
        #expect(fault.contains(words) && fault.contains("events.subscriptions.bad"))
        #expect(secret.isEmpty || !fault.contains(secret))
    }

    @Test func `an operator is told what waits, why, and what helps`() throws {
        var status = EventSubscriptionStatus(name: "s", url: "https://a.example", condition: .active)
        let limits = EventLimits()
        #expect(status.warning(limits) == nil)
        status.behind = .seconds(600)
        #expect(status.warning(limits)?.contains("10 min behind") == true, "\(status.warning(limits) ?? "")")
        var state = EventSubscriptionState(name: "s", position: nil)
        state.failingSince = .epoch
        state.tries = 3
        state.lastError = "The receiver answered 503."
        (status.condition, status.state) = (.failing, state)
        #expect(status.warning(limits)?.contains("3 times: The receiver answered 503.") == true)
        #expect(status.warning(limits)?.contains("sobre events test s") == true)
        state.pausedSince = .epoch
        state.pausedBy = "command:ann"
        state.pauseReason = "upgrade."
        (status.condition, status.state) = (.paused, state)
        #expect(status.warning(limits)?.contains("by command:ann since") == true)
        #expect(status.warning(limits)?.contains("sobre events resume s") == true)
        status = EventSubscriptionStatus(name: "s", url: "", condition: .broken, fault: "The url is invalid.")
        #expect(status.warning(limits)?.hasPrefix("The url is invalid.") == true)
    }
}
