import SobreAdmission
import SobreModel
import Testing

@Suite struct TenantTests {
    let noon = World.noon
    static let yaml = """
        caps: [{ name: day, limit: 1, window: 1d }]
        dedup: [{ name: same, window: 1d }]
        """

    @Test("a tenant is untouched by another: caps, duplicates and words", arguments: 0..<20)
    func untouched(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 77)
        let yaml = """
            categories: { marketing: { consent: none } }
            caps: [{ name: a, limit: 2, window: 2m }, { name: b, limit: 1, window: 20s, per: recipient+campaign }]
            dedup: [{ name: same, window: 30s, when_missing: skip }]
            """
        var world = try World(yaml)
        var now = noon
        for _ in 0..<80 {
            now = now + .seconds(Int64.random(in: 0...15, using: &random))
            var message = world.message(
                campaign: ["x", "y"].randomElement(using: &random)!,
                dedupKey: ["k", "l", nil].randomElement(using: &random)!)
            message.draft.tenant = ["one", "two", nil].randomElement(using: &random)!
            let words = [KeyHash("hello"), .none].randomElement(using: &random)!
            var alone = world
            alone.ledger.removeAll { $0.traits.tenant != (message.draft.tenant.map { KeyHash($0) } ?? .none) }
            let decision = world.ask(message, at: now, fingerprint: words, explaining: .always)
            let lone = alone.ask(message, at: now, fingerprint: words, explaining: .always)
            #expect(decision.explanation == lone.explanation)
            world.send(message, at: now, committedAt: Bool.random(using: &random) ? now : nil, fingerprint: words)
        }
        #expect(Set(world.ledger.map(\.traits.tenant)).count == 3)
    }

    @Test("a policy may share the tenants' contacts, and a rule may still count them apart")
    func shared() throws {
        var apart = try World(Self.yaml)
        var one = apart.message()
        one.draft.tenant = "one"
        apart.contact(one, at: noon)
        var two = apart.message()
        two.draft.tenant = "two"
        #expect(apart.ask(two).isSend)
        apart.policy = try Policy.parse(text: "tenants: shared\n" + Self.yaml)
        #expect(apart.ask(two).verdict == .drop(.duplicate))
        apart.policy = try Policy.parse(text: "tenants: shared\ncaps: [{ name: day, limit: 1, window: 1d }]")
        #expect(apart.ask(two).verdict == .drop(.frequencyCapped))
        apart.policy = try Policy.parse(
            text: "tenants: shared\ncaps: [{ name: day, limit: 1, window: 1d, per: recipient+tenant }]")
        #expect(apart.ask(two).isSend)
    }

    @Test("a rule can be about some tenants only")
    func selector() throws {
        var world = try World("caps: [{ name: none, applies_to: { tenant: [one, three] }, limit: 0, window: 1d }]")
        for (tenant, goes) in [("one", false), ("two", true), ("three", false)] {
            var message = world.message()
            message.draft.tenant = tenant
            #expect(world.ask(message).isSend == goes)
        }
        #expect(world.ask(world.message()).isSend)
    }
}
