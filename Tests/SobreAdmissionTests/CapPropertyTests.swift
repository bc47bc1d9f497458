import SobreAdmission
import SobreModel
import Testing

/// Random histories of asking, sending, recording and failing. They are checked independently of the code, by the true
/// instants at which the provider accepted.
@Suite struct CapPropertyTests {
    struct Rule: Sendable {
        var limit: Int
        var width: Int64
        /// The category of contacts that count. Nil counts all.
        var category: String?
        var channel: Channel?

        var yaml: String {
            let conditions = [category.map { "category: \($0)" }, channel.map { "channel: \($0)" }].compactMap { $0 }
            let selector = conditions.isEmpty ? "" : "applies_to: { \(conditions.joined(separator: ", ")) }, "
            return
                "- { name: r\(limit)-\(width)-\(category ?? "all")-\(channel?.description ?? "any"), \(selector)limit: \(limit), "
                + "window: \(width)s, on_cap: "
        }

        func counts(_ contact: Contact) -> Bool {
            (category == nil || category == contact.category) && (channel == nil || channel == contact.channel)
        }
    }

    struct Contact {
        var category: String
        var channel: Channel
        var acceptedAt: Instant
    }

    static let categories = ["marketing", "news"]

    static func policy(_ rules: [Rule], action: String) -> String {
        "categories: { marketing: { consent: none }, news: { consent: none } }\ncaps:\n"
            + rules.map { "  " + $0.yaml + action + " }" }.joined(separator: "\n")
    }

    static func rules(_ random: inout Seeded) -> [Rule] {
        (0..<Int.random(in: 1...4, using: &random)).map { index in
            Rule(
                limit: Int.random(in: 1...4, using: &random),
                width: Int64.random(in: 1...40, using: &random) * 10 + Int64(index),
                category: Bool.random(using: &random) ? nil : categories.randomElement(using: &random),
                channel: Bool.random(using: &random) ? nil : Channel.allCases.randomElement(using: &random))
        }
    }

    @Test("no window of any rule ever holds more accepted contacts than its limit", arguments: 0..<40)
    func neverExceeded(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed))
        let rules = Self.rules(&random)
        var world = try World(Self.policy(rules, action: "drop"))
        var now = World.noon
        var contacts: [Contact] = []
        var inFlight: [Int] = []
        for _ in 0..<400 {
            now = now + .milliseconds(Int64.random(in: 0...20_000, using: &random))
            if !inFlight.isEmpty, Bool.random(using: &random) {
                // An answer arrives: the provider accepted the message at some time since, or never.
                let row = inFlight.remove(at: Int.random(in: 0..<inFlight.count, using: &random))
                let entry = world.ledger[row]
                if Int.random(in: 0..<4, using: &random) == 0 {
                    world.ledger[row].state = .released
                } else {
                    let late = Int64.random(in: 0...(now - entry.reservedAt).milliseconds, using: &random)
                    let category = Self.categories.first { KeyHash($0) == entry.traits.category }!
                    contacts.append(
                        Contact(
                            category: category, channel: entry.traits.channel,
                            acceptedAt: entry.reservedAt + .milliseconds(late)))
                    world.ledger[row].state = .committed
                    world.ledger[row].committedAt = now
                }
                continue
            }
            let message = world.message(
                Self.categories.randomElement(using: &random)!,
                channels: [Channel.allCases.randomElement(using: &random)!])
            if world.send(message, at: now).isSend { inFlight.append(world.ledger.count - 1) }
        }
        #expect(!contacts.isEmpty)
        for rule in rules {
            let times = contacts.filter(rule.counts).map(\.acceptedAt.milliseconds).sorted()
            for (index, start) in times.enumerated() {
                let within = times[index...].prefix { $0 < start + rule.width * 1_000 }.count
                #expect(within <= rule.limit, "seed \(seed): \(within) in the window of \(rule.width) s from \(start)")
            }
        }
    }

    @Test(
        "what is refused at rest is refused by a full window, and a hold ends at the first free instant",
        arguments: 0..<40)
    func exactHolds(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 1_000)
        let rules = Self.rules(&random)
        var world = try World(Self.policy(rules, action: "hold"))
        var now = World.noon
        var contacts: [Contact] = []
        var holds = 0
        for _ in 0..<200 {
            now = now + .milliseconds(Int64.random(in: 0...30_000, using: &random))
            let category = Self.categories.randomElement(using: &random)!
            let channel = Channel.allCases.randomElement(using: &random)!
            let message = world.message(category, channels: [channel])
            let request = Contact(category: category, channel: channel, acceptedAt: now)
            /// Whether every rule has room for the message at an instant.
            func hasRoom(at instant: Instant) -> Bool {
                rules.filter { $0.counts(request) }.allSatisfy { rule in
                    contacts.filter {
                        rule.counts($0) && $0.acceptedAt.milliseconds > instant.milliseconds - rule.width * 1_000
                    }.count < rule.limit
                }
            }
            switch world.ask(message, at: now).verdict {
            case .send:
                #expect(hasRoom(at: now))
                world.contact(message, at: now)
                contacts.append(request)
            case .hold(let until, .frequencyCapped):
                holds += 1
                #expect(!hasRoom(at: now))
                #expect(until > now && hasRoom(at: until) && !hasRoom(at: until - .milliseconds(1)))
                #expect(world.ask(message, at: until).isSend)
                #expect(!world.ask(message, at: until - .milliseconds(1)).isSend)
            case let other: Issue.record("seed \(seed): \(other)")
            }
        }
        #expect(holds > 0 || rules.allSatisfy { $0.width < 60 }, "seed \(seed) never met a full window")
    }

    @Test("equal facts give equal bytes, also from a policy that was read again", arguments: 0..<20)
    func deterministic(_ seed: Int) throws {
        var random = Seeded(state: UInt64(seed) &+ 2_000)
        let yaml =
            Self.policy(Self.rules(&random), action: "hold")
            + "\nquiet_hours: [{ name: q, hours: [{ from: \"12:10\", to: \"13:00\" }] }]\ndedup: [{ name: d, window: 1h, when_missing: skip }]"
        var world = try World(yaml)
        var again = world
        again.policy = try Policy.parse(text: yaml).with(version: 7)
        var now = World.noon
        for _ in 0..<60 {
            now = now + .milliseconds(Int64.random(in: 0...30_000, using: &random))
            let message = world.message(
                Self.categories.randomElement(using: &random)!, channels: Channel.allCases.shuffled(using: &random),
                dedupKey: Bool.random(using: &random) ? "k\(Int.random(in: 0...3, using: &random))" : nil)
            again.ledger = world.ledger
            let one = world.ask(message, at: now, explaining: .always)
            let two = again.ask(message, at: now, explaining: .always)
            #expect(one.explanation == two.explanation && one.explanation != nil)
            #expect(one.verdict == two.verdict && one.summary == two.summary)
            #expect(world.ask(message, at: now, explaining: .never).verdict == one.verdict)
            world.contact(message, at: now)
        }
    }

    @Test("hundreds of rules that do not match change nothing", arguments: [1, 10, 100, 500])
    func manyRules(_ count: Int) throws {
        let others = (0..<count).map { "  - { name: r\($0), applies_to: { campaign: c\($0) }, limit: 0, window: 1d }" }
        var world = try World("caps:\n" + others.joined(separator: "\n") + "\n  - { name: own, limit: 1, window: 1d }")
        #expect(world.contact(world.message(campaign: "other"), at: World.noon).isSend)
        #expect(world.ask(world.message(campaign: "other")).summary.hasPrefix("own 1/1"))
        #expect(world.ask(world.message(campaign: "c\(count - 1)")).summary == "r\(count - 1) 0/0")
    }
}
