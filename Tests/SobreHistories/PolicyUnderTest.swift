import HistoryChecker
import SobreAdmission
import SobreDispatch
import SobreModel
import SobreStore
import Synchronization

/// The policy in force, replaced as the product does it: from the moment at which a newer version may be stored until it
/// is known whether it is, nothing is sent. On the scheduler.
final class PolicyUnderTest: DeliveryDeciding, @unchecked Sendable {
    private var policy = PromiseFixtures.policy("caps: []\n")
    private var isChanging = true
    private let mutation: Mutation?
    private var number = 0

    init(mutation: Mutation?) { self.mutation = mutation }

    /// Registers one of the fixtures's policies and puts it in force.
    func replace(number: Int, at store: NodeStore, _ world: World) async throws(StoreError) {
        // One at a time, as the product reads its file.
        while isReplacing { await world.scheduler.sleep(10) }
        isReplacing = true
        defer { isReplacing = false }
        let promise = PromiseFixtures.promises[number]
        isChanging = true
        let version: Int
        do {
            version = try await store.register(PromiseFixtures.text(promise, number: number), promise)
        } catch {
            isChanging = false
            throw error
        }
        world.policyNumber = number
        if mutation == .oldPolicy, self.number > 0 {
            isChanging = false
            await world.scheduler.sleep(30_000)
        }
        self.number = version
        policy = PromiseFixtures.policy(PromiseFixtures.text(seen(promise), number: number)).with(version: version)
        var ungrouped = promise
        ungrouped.groups = []
        policyWithoutGroups = PromiseFixtures.policy(PromiseFixtures.text(ungrouped, number: number)).with(
            version: version)
        isChanging = false
    }

    private var isReplacing = false
    /// For the mutation that draws control groups anew.
    private var policyWithoutGroups = PromiseFixtures.policy("caps: []\n")

    /// What a mutation reads in a promise.
    private func seen(_ promise: Promise) -> Promise {
        var promise = promise
        switch mutation {
        case .quietNotChecked: promise.quiet = []
        case .nextChannelIsEnd:
            for index in promise.caps.indices where promise.caps[index].onFull == "next_channel" {
                promise.caps[index].onFull = "drop"
            }
        case .reserveNotChecked: for index in promise.caps.indices { promise.caps[index].reservedSlots = 0 }
        default: break
        }
        return promise
    }

    var horizon: Duration { policy.horizon }

    func decide(_ request: AdmissionRequest, facts: AdmissionFacts, at now: Instant) -> AdmissionDecision {
        let isDrawnAnew = mutation == .groupsDrawnAnew && (request.message.id.rawValue >> 4) % 2 == 0
        var decision = (isDrawnAnew ? policyWithoutGroups : policy).decide(request, facts: facts, now: now)
        if isChanging, case .send = decision.verdict {
            decision.verdict = .hold(until: now + .milliseconds(50), .policyError)
            decision.summary = "a new version of the policy is being put in force; it is decided anew"
        }
        return decision
    }

    func expiresAt(_ message: Message) -> Instant? { mutation == .expiryNotChecked ? nil : message.expiresAt }

    func isCapped(_ message: Message) -> Bool { policy.category(message.category).obeysCaps }

    func resendsUnknown(category: String) -> Bool {
        mutation == .resendsMarketing || policy.category(category).unknownOutcome == .resendOnce
    }
}
