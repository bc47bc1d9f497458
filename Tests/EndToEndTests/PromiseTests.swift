import Glibc
import SobreModel
import TestBed
import Testing

/// Short forms of the long crash tests (`make torture`), with the built binary, the real database and the real sandbox.
@Suite("Promises under fire", .serialized)
struct PromiseTests {
    private func bed(_ name: String) throws -> TestBed { try .built(name) }

    @Test("kill -9 at random moments: nothing lost, no marketing message twice, no cap exceeded")
    func killStorm() async throws {
        let verdict = try await Scenario.killStorm(try bed("storm"), kills: 12, messages: 480, seed: 7)
        #expect(verdict.faults == [])
        #expect(verdict.acknowledged == 480)
        #expect(verdict.accepted > 100)
    }

    @Test("16 clients on few people while it sends: nobody gets more than the cap")
    func hotRecipients() async throws {
        let verdict = try await Scenario.hotRecipients(
            try bed("hot"), clients: 16, people: 40, requests: 1600, cap: 3, faults: "429=1%,reset=1%,latency=0ms..10ms"
        )
        #expect(verdict.faults == [])
        #expect(verdict.acknowledged == 1600)
        // Everybody can get three messages, except for slots that unknown outcomes keep. Fewer would mean that messages
        // were refused without cause.
        #expect(verdict.accepted >= 110 && verdict.accepted <= 120)
    }

    @Test("16 clients, a short window, faults and kills: no window over its cap, and nobody refused while it had room")
    func hotWindows() async throws {
        var plan = Scenario.HotPlan()
        plan.people = 40
        plan.attempts = 6400
        plan.batch = 100
        plan.window = .seconds(2)
        plan.killEvery = .milliseconds(2000)
        plan.seed = 5
        let (verdict, kills) = try await Scenario.hotWindows(try bed("windows"), plan)
        #expect(verdict.faults == [])
        #expect(verdict.acknowledged == 6400)
        #expect(verdict.overCap == 0 && verdict.overBlocked == 0)
        #expect(verdict.refusals > 4000)
        #expect(verdict.accepted >= 100)
        #expect(kills >= 1)
    }

    @Test("A power cut loses no message that was acknowledged", arguments: [1, 2])
    func powerCut(seed: UInt64) async throws {
        let bed = try bed("power")
        let library = try #require(Files.powerCutLibrary(near: bed.executable), "libPowerCut.so was not built")
        let cut = try await Scenario.powerCut(bed, library: library, messages: 1000, seed: seed)
        #expect(cut.acknowledged >= 250)
        #expect(cut.lost == 0)
    }
}
