import JSON
import SobreModel
import Testing

@testable import SobreAdmission

/// The updates of one activity are one contact.
@Suite("Activities and caps") struct ActivityTests {
    static let noon = World.noon
    private let noon = Self.noon
    private static func yaml(limit: Int, _ more: String = "window: 1d, on_cap: drop") -> String {
        """
        categories: { ride: { consent: none }, other: { consent: none } }
        caps: [{ name: rides, applies_to: { category: ride }, limit: \(limit), \(more) }]
        """
    }

    private func update(_ world: inout World, of activity: String?) -> Message {
        var message = world.message("ride", channels: [.push])
        message.draft.activity = activity
        return message
    }

    @Test func `the first update counts, and later ones of the same activity add no contact`() throws {
        var world = try World(Self.yaml(limit: 2))
        for minute in 0..<50 {
            let decision = world.contact(update(&world, of: "ride-1"), at: noon + .seconds(minute * 60))
            #expect(decision.isSend, "update \(minute)")
        }
        #expect(world.contact(update(&world, of: "ride-2"), at: noon + .seconds(3_600)).isSend)
        #expect(world.ask(update(&world, of: "ride-3"), at: noon + .seconds(3_601)).verdict == .drop(.frequencyCapped))
        #expect(world.ask(update(&world, of: nil), at: noon + .seconds(3_601)).verdict == .drop(.frequencyCapped))
        // Both activities are among the two that count.
        #expect(world.ask(update(&world, of: "ride-1"), at: noon + .seconds(3_601)).isSend)
        #expect(world.ask(update(&world, of: "ride-2"), at: noon + .seconds(3_601)).isSend)
    }

    @Test func `an update in flight counts like a sent one, and releases nothing when it fails`() throws {
        var world = try World(Self.yaml(limit: 1))
        #expect(world.send(update(&world, of: "ride-1"), at: noon).isSend)
        #expect(world.ask(update(&world, of: "ride-1"), at: noon + .seconds(1)).isSend)
        guard case .hold(_, .frequencyCapped) = world.ask(update(&world, of: "ride-2"), at: noon + .seconds(1)).verdict
        else {
            Issue.record("another activity does not wait")
            return
        }
        #expect(world.contact(update(&world, of: "ride-1"), at: noon + .seconds(2)).isSend)
        world.ledger[0].state = .released
        // The second update was the contact, then.
        #expect(world.ask(update(&world, of: "ride-2"), at: noon + .seconds(3)).verdict == .drop(.frequencyCapped))
    }

    @Test func `in every window of a rolling cap at most the limit's number of activities is sent`() throws {
        var random = Seeded(state: 11)
        for round in 0..<40 {
            let limit = 1 + round % 3
            var world = try World(Self.yaml(limit: limit))
            var sent: [(at: Instant, name: String)] = []
            for step in 0..<60 {
                let at = noon + .seconds(step * 3_600 + Int(random.next() % 3_000))
                let name = "ride-\(random.next() % 6)"
                if world.contact(update(&world, of: name), at: at).isSend { sent.append((at, name)) }
            }
            for (first, _) in sent {
                let names = Set(sent.filter { $0.at >= first && $0.at - first < .seconds(86_400) }.map(\.name))
                #expect(names.count <= limit, "round \(round) at \(first): \(names.sorted())")
            }
            #expect(sent.count > limit)
        }
    }

    @Test func `the next slot is free when the last update has left the window`() throws {
        var world = try World(Self.yaml(limit: 1, "window: 1d, on_cap: hold"))
        world.contact(update(&world, of: "ride-1"), at: noon)
        world.contact(update(&world, of: "ride-1"), at: noon + .seconds(7_200))
        let held = world.ask(update(&world, of: "ride-2"), at: noon + .seconds(10_000))
        #expect(held.verdict == .hold(until: noon + .seconds(7_200 + 86_400), .frequencyCapped))
        #expect(world.ask(update(&world, of: "ride-2"), at: noon + .seconds(7_200 + 86_400)).isSend)
        // The activity that has left the window is a new contact.
        world.contact(update(&world, of: "ride-2"), at: noon + .seconds(7_200 + 86_400))
        #expect(!world.ask(update(&world, of: "ride-1"), at: noon + .seconds(7_200 + 86_401)).isSend)
    }

    @Test func `a rule that counts other contacts restrains an activity's first update, and limit 0 each`() throws {
        var world = try World(Self.yaml(limit: 1, "counts: { category: other }, window: 1d, on_cap: drop"))
        world.contact(update(&world, of: "ride-1"), at: noon)
        #expect(world.contact(world.message("other"), at: noon).isSend)
        #expect(world.ask(update(&world, of: "ride-1"), at: noon + .seconds(1)).verdict == .drop(.frequencyCapped))
        var never = try World(Self.yaml(limit: 1))
        never.contact(update(&never, of: "ride-1"), at: noon)
        never.policy = try Policy.parse(text: Self.yaml(limit: 0)).with(version: 8)
        #expect(never.ask(update(&never, of: "ride-1"), at: noon + .seconds(1)).verdict == .drop(.frequencyCapped))
    }

    @Test func `the explanation says that an update adds no contact, and lists the newest one`() throws {
        var world = try World(Self.yaml(limit: 1))
        world.contact(update(&world, of: "ride-1"), at: noon)
        world.contact(update(&world, of: "ride-1"), at: noon + .seconds(60))
        let decision = world.ask(update(&world, of: "ride-1"), at: noon + .seconds(120), explaining: .always)
        let root = try JSONDocument.parse(decision.explanation ?? []).root
        #expect(root["message"]?["activity"]?.string == "ride-1")
        let caps = root["channels"]?[0]?["steps"]?.elements.first { $0["step"]?.string == "caps" }
        let rule = caps?["rules"]?[0]
        #expect(rule?["count"]?.int == 1 && rule?["joins"]?.bool == true && rule?["passes"]?.bool == true)
        #expect(rule?["filled_by"].map { Array($0.elements).count } == 1)
        let lines = Explanation.render(json: decision.explanation ?? []).joined(separator: " ")
            .split(separator: " ").joined(separator: " ")
        #expect(lines.contains("update of an activity that counts already"), "\(lines)")
    }
}
