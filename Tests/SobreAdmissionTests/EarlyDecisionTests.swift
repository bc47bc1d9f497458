import SobreAdmission
import SobreModel
import Testing

private let noon = World.noon

/// Decisions about messages that are not rendered yet.
@Suite struct EarlyDecisionTests {
    @Test func `what facts refuse is refused before it is rendered, with the same explanation`() throws {
        var world = try World(Self.capped("drop"))
        for _ in 0..<2 { world.contact(world.message(), at: noon - .seconds(60)) }
        let message = world.message()
        let rendered = world.ask(message)
        world.isRendered = false
        let early = world.ask(message)
        #expect(early.verdict == .drop(.frequencyCapped))
        #expect(early.summary == rendered.summary && early.text == rendered.text && !early.text.isEmpty)
    }

    @Test func `what may be sent is rendered and decided again`() throws {
        var world = try World(Self.capped("drop"))
        world.isRendered = false
        let early = world.ask(world.message())
        #expect(early.verdict == .reroute(.email))
        #expect(early.summary.isEmpty && early.explanation == nil)
    }

    @Test func `a message that its content may make a duplicate is not held before it is rendered`() throws {
        var world = try World(Self.capped("hold"))
        let words = KeyHash("20 % off")
        for _ in 0..<2 {
            world.send(
                world.message(), at: noon - .seconds(60), committedAt: noon - .seconds(60),
                fingerprint: world.ledger.isEmpty ? words : KeyHash("else"))
        }
        let message = world.message()
        #expect(world.ask(message, fingerprint: words).verdict == .drop(.duplicate))
        world.isRendered = false
        #expect(world.ask(message).verdict == .reroute(.email))
        for index in world.ledger.indices { world.ledger[index].traits.fingerprint = .none }
        guard case .hold(_, .frequencyCapped) = world.ask(message).verdict else {
            Issue.record("nothing can make it a duplicate, and it waits for its cap")
            return
        }
    }

    /// The answers before and after rendering, for random histories of ten contacts and caps of all actions.
    @Test(arguments: 0..<400)
    func `the early answer is the late one, or to render and ask again`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        var world = try World(Self.capped(["drop", "hold", "next_channel"].randomElement(using: &random)!))
        let words = (0..<3).map { KeyHash("words \($0)") }
        for _ in 0..<Int.random(in: 0...10, using: &random) {
            let at = noon - .seconds(Int.random(in: 60...200_000, using: &random))
            world.send(
                world.message(["marketing", "transactional"].randomElement(using: &random)!), at: at,
                committedAt: Bool.random(using: &random) ? at : nil,
                fingerprint: (words + [.none]).randomElement(using: &random)!)
        }
        if Int.random(in: 0..<8, using: &random) == 0 { world.profile?.consents = [] }
        let message = world.message(
            channels: [[.email], [.email, .sms], [.push, .email]].randomElement(using: &random)!)
        let channel = message.channels[0]
        let late = world.ask(message, on: channel, fingerprint: words.randomElement(using: &random)!)
        world.isRendered = false
        let early = world.ask(message, on: channel)
        switch (early.verdict, late.verdict) {
        case (.reroute, _): break
        // The content is not compared where something else drops the message.
        case (.drop, .drop(.duplicate)), (.drop, .hold(_, .duplicateInFlight)): break
        default:
            #expect(early.verdict == late.verdict)
            if !late.text.contains("same content") { #expect(early.text == late.text) }
        }
        if case .send = early.verdict { Issue.record("nothing is sent that is not rendered") }
        if case .send = late.verdict { #expect(early.verdict == .reroute(channel)) }
    }

    private static func capped(_ action: String) -> String {
        "caps: [{ name: few, limit: 2, window: 1d, applies_to: { category: marketing }, on_cap: \(action) }]"
    }
}
