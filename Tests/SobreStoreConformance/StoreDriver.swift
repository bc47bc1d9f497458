import SobreModel
import SobreStore

/// Helpers for what the checks do with a store.
struct StoreDriver: Sendable {
    let test: StoreUnderTest
    let store: any Store

    var time: VirtualTime { test.time }
    static let lease = Duration.seconds(60)
    static let attemptTimeout = Duration.seconds(30)
    static let horizon = Duration.seconds(30 * 86_400)
    static let all = Set(Channel.allCases)

    init(_ test: StoreUnderTest) async throws {
        self.test = test
        store = try await test.open()
    }

    private init(_ test: StoreUnderTest, _ store: any Store) {
        self.test = test
        self.store = store
    }

    /// Opens another node on the same data.
    func joined() async throws -> StoreDriver {
        guard let join = test.join else {
            throw ConformanceFailure(description: "this check is for stores that several nodes share")
        }
        return StoreDriver(test, try await join())
    }

    /// Closes the store and opens it again on the same data.
    func reopened() async throws -> StoreDriver {
        await store.close()
        return try await StoreDriver(test)
    }

    static func draft(
        _ recipient: String = "ann", channels: [Channel] = [.email], priority: Priority = .normal,
        route: ChannelRoute = .first, sendAt: Instant? = nil, category: String = "marketing",
        campaign: String? = "summer", template: String = "hello"
    ) -> MessageDraft {
        MessageDraft(
            recipient: recipient, template: template, campaign: campaign, category: category, tags: ["promo/summer"],
            channels: channels, route: route, priority: priority, sendAt: sendAt)
    }

    static func person(_ id: String = "ann", email: String? = nil) -> Profile {
        Profile(
            id: id, locale: "fr-FR", timezone: "Europe/Paris", country: "FR",
            addresses: [
                Address(channel: .email, value: email ?? "\(id)@example.com"),
                Address(channel: .push, value: "token-\(id)", provider: "fcm", platform: "android"),
            ],
            consents: [
                Consent(
                    category: "marketing", channel: .email, granted: true, at: StoreConformance.start,
                    source: "checkout")
            ],
            attributes: Array(#"{"first_name":"Ann"}"#.utf8))
    }

    @discardableResult
    func enqueue(_ drafts: MessageDraft...) async throws -> [MessageID] {
        try await store.enqueue(drafts.map { Submission(draft: $0) }).map { result in
            guard case .accepted(let id) = result else {
                throw ConformanceFailure(description: "a message without a key was not accepted: \(result)")
            }
            return id
        }
    }

    func claim(_ limit: Int = 10, channels: Set<Channel> = StoreDriver.all) async throws -> [ClaimedDelivery] {
        try await store.claim(limit: limit, lease: Self.lease, channels: channels)
    }

    static func request(_ claimed: ClaimedDelivery) -> AdmissionRequest {
        AdmissionRequest(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message,
            channel: claimed.channel ?? claimed.message.plan(of: claimed.claim.delivery)[0], provider: "acme",
            attempt: claimed.attempts + 1, templateVersion: "v1", possibleDuplicate: claimed.possibleDuplicate)
    }

    func admit(
        _ claimed: [ClaimedDelivery], policyVersion: Int = 3, _ decide: @escaping AdmissionDecider = StoreDriver.send
    ) async throws -> [AdmissionResult] {
        try await store.admit(
            claimed.map(Self.request), policyVersion: policyVersion, horizon: Self.horizon,
            attemptTimeout: Self.attemptTimeout, deciding: decide)
    }

    /// Claims one delivery and admits it.
    func start() async throws -> AdmittedAttempt {
        let claimed = try await claim(1)
        try requireEqual(claimed.count, 1)
        guard case .admitted(let admitted) = try await admit(claimed)[0] else {
            throw ConformanceFailure(description: "a delivery that may be sent was not admitted")
        }
        return admitted
    }

    @discardableResult
    func record(
        _ admitted: AdmittedAttempt, _ proof: Outcome.Proof, _ next: NextState,
        possibleDuplicate: Bool = false, suppressions: [Suppression] = []
    ) async throws -> Bool {
        let change = DeliveryChange(
            next, reason: "because", attempt: admitted.attempt, channel: .email, provider: "acme",
            providerID: proof == .sent ? "id-1" : nil, detail: "words", possibleDuplicate: possibleDuplicate,
            policyVersion: 3, templateVersion: "v1")
        return try await store.record([
            AttemptRecord(
                ledgerID: admitted.ledgerID, delivery: admitted.delivery, proof: proof, change: change,
                suppressions: suppressions)
        ])[0]
    }

    func facts(_ recipient: String = "ann") async throws -> AdmissionFacts {
        try await store.facts(recipient: recipient, horizon: Self.horizon)
    }

    func state(_ delivery: DeliveryID) async throws -> DeliveryState? {
        try await store.history(of: delivery.message).last { $0.delivery == delivery }?.state
    }

    func total(_ state: DeliveryState) async throws -> Int { try await store.totals()[state] ?? 0 }

    // MARK: Deciders

    static let send: AdmissionDecider = { request, facts, _ in
        AdmissionDecision(verdict: .send(address(request, facts), traits(request)), policyVersion: 3)
    }

    /// Sends while fewer than `limit` contacts count.
    static func atMost(_ limit: Int) -> AdmissionDecider {
        { request, facts, _ in
            AdmissionDecision(
                verdict: facts.ledger.count < limit
                    ? .send(address(request, facts), traits(request)) : .drop(.frequencyCapped),
                policyVersion: 3, explanation: Array(#"{"rule":"most"}"#.utf8), summary: "most \(limit)/\(limit)")
        }
    }

    static func always(_ verdict: AdmissionDecision.Verdict) -> AdmissionDecider {
        { _, _, _ in
            AdmissionDecision(
                verdict: verdict, policyVersion: 3, explanation: Array(#"{"why":1}"#.utf8), summary: "in words")
        }
    }

    static func address(_ request: AdmissionRequest, _ facts: AdmissionFacts) -> Address {
        facts.profile?.address(on: request.channel)
            ?? Address(channel: request.channel, value: "\(request.message.recipient)@example.com")
    }

    static func traits(_ request: AdmissionRequest) -> ContactTraits {
        ContactTraits(
            message: request.message.draft, channel: request.channel, dedupKey: KeyHash("key"),
            fingerprint: KeyHash("words"))
    }
}
