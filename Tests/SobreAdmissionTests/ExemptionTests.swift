import SobreAdmission
import SobreModel
import Testing

/// The flags "obeys caps" and "counts toward caps" in all combinations, and test sends.
@Suite struct ExemptionTests {
    let noon = World.noon

    @Test(
        "the two flags are independent, and a message's own word comes before its category's",
        arguments: [(true, true), (true, false), (false, true), (false, false)])
    func flags(_ obeys: Bool, _ counts: Bool) throws {
        for byMessage in [false, true] {
            let category =
                byMessage ? "" : "categories: { marketing: { obeys_caps: \(obeys), counts_toward_caps: \(counts) } }\n"
            var world = try World(category + "caps: [{ name: day, limit: 1, window: 1d }]")
            var message = world.message()
            if byMessage { message.draft.capFlags = CapFlags(obeys: obeys, counts: counts, by: "key:shop") }
            world.contact(message, at: noon)
            // Whether it counts: tested with a message that obeys caps.
            var other = world.message()
            other.draft.capFlags = CapFlags(obeys: true, counts: true, by: "test")
            #expect(world.ask(other).isSend == !counts)
            // Whether it obeys: tested with a full cap.
            world.ledger.removeAll()
            world.contact(other, at: noon)
            var again = world.message()
            again.draft.capFlags = message.draft.capFlags
            #expect(world.ask(again).isSend == !obeys)
        }
    }

    @Test("who exempted a message is in the trace")
    func exempter() throws {
        var world = try World("caps: [{ name: day, limit: 0, window: 1d }]")
        var message = world.message()
        message.draft.capFlags = CapFlags(obeys: false, counts: true, by: "key:shop")
        let text = world.ask(message, explaining: .always).text
        #expect(text.contains(#""exempt":"by key:shop""#))
        #expect(!text.contains(#""counted":false"#))
        #expect(
            world.ask(world.message("transactional"), explaining: .always).text
                .contains(#""exempt":"category transactional does not obey caps","counted":false"#))
    }

    @Test("a test send obeys consent and quiet hours, but no cap, and nothing ever counts it")
    func tests() throws {
        let yaml = """
            caps: [{ name: day, limit: 1, window: 1d }]
            dedup: [{ name: same, window: 1d }]
            """
        var world = try World(yaml)
        func test(_ world: inout World) -> Message {
            var message = world.message()
            message.draft.isTest = true
            return message
        }
        for _ in 0..<5 { #expect(world.contact(test(&world), at: noon).isSend) }
        #expect(world.ledger.count == 5)
        #expect(world.contact(world.message(), at: noon).isSend)
        #expect(!world.ask(world.message(campaign: "other")).isSend)
        #expect(world.ask(test(&world), fingerprint: KeyHash("words")).isSend)
        #expect(world.ask(test(&world), explaining: .always).text.contains(#""exempt":"it is a test send""#))
        world.profile?.consents = []
        #expect(world.ask(test(&world)).verdict == .drop(.noConsent))
    }
}
