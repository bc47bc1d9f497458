import SobreAdmission
import SobreModel
import SobreSimulation
import TestBed

/// Decisions per second on one core while a shop's requests are replayed under the shipped policy, as in `sobre
/// simulate`.
///
/// Measured in processor time over the replay only, without reading the requests.
struct SimulateBench {
    private static let people = 20_000
    private static let orders = 5
    private static let start = Instant(milliseconds: 852_076_800_000)  // 1997-01-01

    func run() throws {
        let path = try Files.shipped("Config/policy.yaml")
        guard let text = Files.read(path) else { throw TestBed.Failure("\(path) cannot be read") }
        let policy = try Policy.parse(text: text)
        let (log, population) = try Self.shop()
        let replay = Replay(log, population: population)
        let begun = DecisionBench.processorSeconds()
        let tally = replay.run(under: policy)
        let seconds = DecisionBench.processorSeconds() - begun
        print("\(log.count) requests of \(Self.people) people took \(tally.decisions) decisions")
        SobreBench.report("simulate", Double(tally.decisions) / seconds, "decisions/s")
    }

    /// Each order requests a confirmation, a delivery notice, a thank-you message, and two offers on several
    /// channels.
    private static func shop() throws -> (RequestLog, Population) {
        var log = RequestLog()
        for person in 0..<people {
            for order in 0..<orders {
                let bought = start + .seconds(Int64(person % 365 + order * 40) * 86_400 + Int64(person % 40_000))
                for (hours, draft) in journey(of: "person-\(person)", order: "\(person)-\(order)") {
                    try log.append(draft, at: bought + .seconds(hours * 3600))
                }
            }
        }
        var population = Population()
        for person in 0..<people { population.add(profile(person), in: log) }
        log.seal()
        return (log, population)
    }

    private static func journey(of person: String, order: String) -> [(hours: Int64, draft: MessageDraft)] {
        func draft(_ campaign: String, _ category: String, _ channels: [Channel]) -> MessageDraft {
            MessageDraft(
                recipient: person, template: campaign, campaign: campaign, category: category, channels: channels,
                dedupKey: order)
        }
        return [
            (0, draft("order-confirmed", "transactional", [.email])),
            (47, draft("on-its-way", "transactional", [.sms])),
            (72, draft("thank-you", "marketing", [.push, .email])),
            (96, draft("cross-sell", "marketing", [.email, .sms])),
            (100, draft("cross-sell-more", "marketing", [.push, .email, .sms])),
        ]
    }

    private static func profile(_ person: Int) -> Profile {
        Profile(
            id: "person-\(person)", timezone: "America/New_York",
            addresses: [
                Address(channel: .email, value: "person-\(person)@example.com"),
                Address(channel: .sms, value: "+1202\(5_000_000 + person)"),
            ],
            consents: [Consent(category: "marketing", granted: true, at: .epoch)])
    }
}
