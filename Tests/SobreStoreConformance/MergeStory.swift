import SobreModel
import SobreStore

/// Runs a seeded sequence of sends, outcomes, merges and restarts, beside a model of which profiles were merged. At
/// every decision the store's ledger must equal the model's.
final class MergeStory {
    private struct Contact {
        var person: String
        var isOpen: Bool
    }

    private let test: StoreUnderTest
    private var driver: StoreDriver!
    private var random: SplitMix
    private let people = (0..<6).map { "p\($0)" }
    /// The current ID of each profile.
    private var owner: [String: String] = [:]
    private var contacts: [Int64: Contact] = [:]
    private var open: [AdmittedAttempt] = []
    private var claimed: [ClaimedDelivery] = []
    private let cap = 3

    init(_ test: StoreUnderTest, seed: UInt64) {
        self.test = test
        random = SplitMix(state: seed)
    }

    func run() async throws {
        driver = try await StoreDriver(test)
        let prefix = "story-\(random.state)-"
        let ids = people.map { prefix + $0 }
        try await driver.store.put(
            ids.map { Profile(id: $0, addresses: [Address(channel: .email, value: "\($0)@x.example")]) })
        for id in ids { owner[id] = id }
        for _ in 0..<120 {
            switch random.next(below: 100) {
            case 0..<30: try await driver.enqueue(StoreDriver.draft(ids[random.next(below: ids.count)]))
            case 30..<50: claimed += try await driver.claim(2)
            case 50..<75: try await admit()
            case 75..<92: try await record()
            case 92..<97: try await merge(ids[random.next(below: ids.count)], ids[random.next(below: ids.count)])
            default:
                driver = try await driver.reopened()
                // A restart releases claims and keeps attempts open.
                claimed = []
            }
            driver.time.advance(by: .milliseconds(random.next(below: 500)))
        }
        for id in ids {
            let ledger = try await driver.facts(id).ledger
            try requireEqual(Set(ledger.map(\.id)), expected(id), "at the end, under \(id)")
        }
        await driver.store.close()
    }

    private func expected(_ id: String) -> Set<Int64> {
        Set(contacts.filter { owner[$0.value.person] == owner[id] }.keys)
    }

    private func admit() async throws {
        guard !claimed.isEmpty else { return }
        let one = claimed.removeFirst()
        let id = one.message.recipient
        // A message from an earlier run with another seed.
        guard let canonical = owner[id] else { return }
        let expected = expected(id)
        let cap = cap
        let result = try await driver.admit([one]) { request, facts, now in
            let isRight = Set(facts.ledger.map(\.id)) == expected && facts.profile?.id == canonical
            if !isRight { return AdmissionDecision(verdict: .drop(.unreachable), policyVersion: 1) }
            return StoreDriver.atMost(cap)(request, facts, now)
        }[0]
        switch result {
        case .admitted(let admitted):
            try require(expected.count < cap, "\(id) had \(expected.count) contacts and got another")
            contacts[admitted.ledgerID] = Contact(person: id, isOpen: true)
            open.append(admitted)
        case .settled(let decision):
            try requireEqual(decision.verdict, .drop(.frequencyCapped), "the ledger of \(id) is not the person's")
            try require(expected.count >= cap, "\(id) was refused with \(expected.count) contacts")
        case .stale, .rerouted, .policyChanged, .undecided: break
        }
    }

    private func record() async throws {
        guard !open.isEmpty else { return }
        let admitted = open.remove(at: random.next(below: open.count))
        let isSent = random.next(below: 3) > 0
        let taken = try await driver.record(admitted, isSent ? .sent : .notSent, isSent ? .sent : .failed)
        try require(taken, "an open attempt could not be recorded")
        if isSent { contacts[admitted.ledgerID]?.isOpen = false } else { contacts[admitted.ledgerID] = nil }
    }

    private func merge(_ from: String, _ into: String) async throws {
        let (a, b) = (owner[from]!, owner[into]!)
        switch try await driver.store.merge(from, into: into) {
        case .success(let merge):
            try requireEqual(merge.profile.id, b)
            try requireEqual(merge.isNew, a != b)
            for (id, person) in owner where person == a { owner[id] = b }
        case .failure(let refusal):
            try require(a == b, "\(from) could not be merged into \(into): \(refusal)")
        }
    }
}

/// SplitMix64: a small generator with the same results on every platform.
struct SplitMix {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }
}
