import HistoryChecker
import SobreAdmission
import SobreDispatch
import SobreModel
import SobreNode

/// A node's policy file: puts policies in force with the product's own code. Runs on the scheduler.
final class PolicyFile: @unchecked Sendable {
    private let inForce: PolicyInForce
    private let ungrouped: PolicyInForce
    private let mutation: Mutation?
    private var hasPolicy = false
    private var isReplacing = false

    init(mutation: Mutation?, restoredAt: Instant?) {
        self.mutation = mutation
        inForce = PolicyInForce(PromiseFixtures.policy("caps: []\n"), restoredAt: restoredAt)
        ungrouped = PolicyInForce(PromiseFixtures.policy("caps: []\n"), restoredAt: restoredAt)
    }

    /// The policy that the dispatcher uses.
    var deciding: any DeliveryDeciding {
        guard let mutation else { return inForce }
        return MutatedPolicy(policy: inForce, ungrouped: ungrouped, mutation: mutation)
    }

    /// Registers one of the fixtures' policies and puts it in force.
    func replace(number: Int, at store: NodeStore, _ world: World) async throws {
        // Replacements run one at a time, as when the product reads its file.
        while isReplacing { await world.scheduler.sleep(10) }
        isReplacing = true
        defer { isReplacing = false }
        let promise = PromiseFixtures.promises[number]
        func register() async throws -> Int {
            let version = try await store.register(PromiseFixtures.text(promise, number: number), promise)
            world.policyNumber = number
            return version
        }
        if mutation == .oldPolicy, hasPolicy {
            let version = try await register()
            await world.scheduler.sleep(30_000)
            try await replace(promise, number: number) { version }
        } else {
            try await replace(promise, number: number, storing: register)
        }
        hasPolicy = true
    }

    private func replace(_ promise: Promise, number: Int, storing register: () async throws -> Int) async throws {
        var withoutGroups = promise
        withoutGroups.groups = []
        let policy = PromiseFixtures.policy(PromiseFixtures.text(seen(promise), number: number))
        _ = try await ungrouped.replace(
            with: PromiseFixtures.policy(PromiseFixtures.text(withoutGroups, number: number))
        ) {
            try await inForce.replace(with: policy, storing: register)
        }
    }

    /// A promise as the mutation reads it.
    private func seen(_ promise: Promise) -> Promise {
        var promise = promise
        switch mutation {
        case .quietNotChecked: promise.quiet = []
        case .categoryExpiryForgotten:
            for index in promise.categories.indices { promise.categories[index].expiresAfterSeconds = nil }
        case .nextChannelIsEnd:
            for index in promise.caps.indices where promise.caps[index].onFull == "next_channel" {
                promise.caps[index].onFull = "drop"
            }
        case .reserveNotChecked: for index in promise.caps.indices { promise.caps[index].reservedSlots = 0 }
        default: break
        }
        return promise
    }
}
