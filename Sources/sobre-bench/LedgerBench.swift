import SobreAdmission
import SobreModel
import SobreSQLite
import SobreStore
import Synchronization
import TestBed

/// The cost of a decision, including reading its facts, in a store with 10² to 10⁶ contacts.
///
/// Every recipient has about the same number of contacts whatever the size of the store, so that only the store's
/// size matters.
struct LedgerBench {
    private static let sizes = [100, 10_000, 1_000_000]
    private static let asked = 20_000
    private static let contactsAPerson = 20
    private static let policy = """
        categories: { marketing: { consent: opt_in, fingerprint_window: 0s } }
        caps:
          - { name: week, limit: 1000, window: 7d }
          - { name: month, limit: 1000, window: 30d, per: address }
        """

    func run() async throws {
        var base: Double?
        for size in Self.sizes {
            let (mean, p99, filling) = try await measure(size)
            print("\(size) contacts: filled in \(SobreBench.format(filling, digits: 1)) s")
            SobreBench.report(
                "decision-at-\(size)-contacts", mean, "us", ratio: mean / (base ?? mean),
                base: "decision-at-100-contacts")
            SobreBench.report("decision-at-\(size)-contacts-p99", p99, "us")
            base = base ?? mean
        }
    }

    private func measure(_ size: Int) async throws -> (mean: Double, p99: Double, filling: Double) {
        let folder = try Files.temporaryFolder("ledger")
        defer { BenchFolder.remove(folder) }
        let clock = VirtualTime(Instant(milliseconds: 1_772_000_000_000))
        let times = Mutex<[Int64]>([])
        var configuration = SQLiteConfiguration()
        configuration.onDecision = { nanoseconds in times.withLock { $0.append(nanoseconds) } }
        let store = try SQLiteStore.open(directory: folder, time: clock, configuration: configuration)
        let filling = LedgerFilling(store: store, clock: clock, people: max(1, size / Self.contactsAPerson))
        let end = clock.now() + .seconds(86_400 * 30)
        let begun = ContinuousClock.now
        try await filling.putPeople()
        try await filling.fill(0..<size, of: size, until: end)
        let elapsed = (ContinuousClock.now - begun) / .seconds(1)
        times.withLock { $0.removeAll(keepingCapacity: true) }
        clock.set(end)
        try await ask(store, people: filling.people)
        await store.close()
        let sorted = times.withLock { $0.sorted() }
        let mean = Double(sorted.reduce(0, +)) / Double(sorted.count) / 1000
        return (mean, Double(sorted[sorted.count * 99 / 100]) / 1000, elapsed)
    }

    /// Decides for recipients all over the store and admits none, so that the ledger does not change.
    private func ask(_ store: SQLiteStore, people: Int) async throws {
        let policy = try Policy.parse(text: Self.policy)
        for start in stride(from: 0, to: Self.asked, by: 500) {
            let submissions = (start..<start + 500).map { number in
                Submission(
                    draft: MessageDraft(
                        recipient: LedgerFilling.person(number &* 7_919 % people), template: "offer", channels: [.sms]))
            }
            _ = try await store.enqueue(submissions)
            let claimed = try await store.claim(limit: 500, lease: .seconds(60), channels: [.sms])
            let requests = claimed.map {
                AdmissionRequest(
                    delivery: $0.claim.delivery, epoch: $0.claim.epoch, message: $0.message, channel: .sms,
                    provider: "p")
            }
            _ = try await store.admit(
                requests, policyVersion: policy.version, horizon: policy.horizon, attemptTimeout: .seconds(30)
            ) {
                var decision = policy.decide($0, facts: $1, conditions: .normal, now: $2)
                if case .send = decision.verdict { decision.verdict = .drop(.cancelled) }
                return decision
            }
        }
    }
}
