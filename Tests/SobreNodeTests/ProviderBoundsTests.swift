import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreNode

@Suite("The bounds of a provider's calls") struct ProviderBoundsTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

    private func limits(_ more: String) throws -> [String: CallLimits] {
        let environment = Environment(["TOKEN": "t"])
        let settings = try Settings.parse(
            """
            paths: {providers: \(Self.root)/Providers}
            \(more)
            providers:
              relay: {type: smtp, settings: {host: relay.example}}
              wide: {type: smtp, settings: {host: relay.example}, limits: {concurrency: 100}}
              narrow: {type: smtp, settings: {host: relay.example}, limits: {concurrency: 2}}
              hook: {type: webhook, channel: sms, settings: {url: "https://hook.example/sms"}}
              many:
                type: webhook
                channel: push
                settings: {url: "https://hook.example/push"}
                limits: {concurrency: 1000}
            """, file: "test.yaml", folder: "/etc/sobre", environment: environment)
        let setup = try ProviderSetup(settings: settings, environment: environment)
        return Dictionary(uniqueKeysWithValues: setup.members.map { ($0.provider.name, $0.limits) })
    }

    @Test func `a relay gets no more calls than it has connections`() throws {
        #expect(
            try limits("").mapValues(\.concurrency) == [
                "relay": 16, "wide": 16, "narrow": 2, "hook": 64, "many": 1_000,
            ])
        let one = try limits("mail_client: {max_connections_per_relay: 1}")
        #expect(one["relay"]?.concurrency == 1 && one["wide"]?.concurrency == 1 && one["hook"]?.concurrency == 64)
    }

    @Test func `calls and what is admitted ahead of them take at most half of all places`() throws {
        let shipped = try limits("")
        #expect(shipped["relay"]?.ahead == AheadBounds(reach: .milliseconds(500), most: 512))
        #expect(shipped["hook"]?.ahead.most == 512 && shipped["many"]?.ahead.most == 24)
        let small = try limits("dispatch: {in_flight: 100, guard_time: 600ms, admit_ahead: 1s}")
        #expect(small["narrow"]?.ahead == AheadBounds(reach: .milliseconds(300), most: 48))
        #expect(small["many"]?.ahead.most == 0)
        #expect(try limits("dispatch: {max_ahead: 10}")["relay"]?.ahead.most == 10)
    }
}
