import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

/// Not a benchmark, because tests run unoptimised. It keeps the cost of a request from growing by an order of
/// magnitude.
@Suite("The cost of a request", .serialized)
struct RequestCostTests {
    @Test func `a request is built without surprises`() throws {
        let provider = try factory(environment: ["SID": "AC123", "TOKEN": "s3cret"]).make(
            ProviderInstance(
                name: "twilio", type: "twilio", settings: ["endpoint": "http://127.0.0.1:9"],
                secrets: ["account_sid": .environment("SID"), "auth_token": .environment("TOKEN")])
        ).provider
        let manifest = try #require(provider as? ManifestProvider)
        let message = outbound(
            .sms(SMSContent(from: "+15005550006", text: String(repeating: "Your parcel. ", count: 10))),
            to: "+15005550009")
        let rounds = 2000
        let time = ContinuousClock().measure {
            for _ in 0..<rounds {
                guard case .call = manifest.request(for: message, token: nil, timeout: .seconds(1), now: .epoch) else {
                    Issue.record("no call was built")
                    return
                }
            }
        }
        #expect(time / rounds < .microseconds(500))
    }
}
