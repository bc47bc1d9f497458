public import SobreModel
public import SobreStore

/// A store that forwards every call to another, except those that a conforming type overrides.
public protocol StoreProxy: Store {
    var inner: any Store { get }
}

extension StoreProxy {
    public var incarnation: NodeIncarnation { inner.incarnation }
    public var changes: RecentChanges { inner.changes }
    public var pausesInForce: PausesInForce { inner.pausesInForce }

    public func claim(
        limit: Int, lease: Duration, channels: Set<Channel>, least: Priority
    ) async throws(StoreError) -> [ClaimedDelivery] {
        try await inner.claim(limit: limit, lease: lease, channels: channels, least: least)
    }

    public func giveBack(_ claims: [Claim]) async { await inner.giveBack(claims) }

    public func admit(
        _ requests: [AdmissionRequest], policyVersion: Int, horizon: Duration, attemptTimeout: Duration,
        deciding decide: @escaping AdmissionDecider
    ) async throws(StoreError) -> [AdmissionResult] {
        try await inner.admit(
            requests, policyVersion: policyVersion, horizon: horizon, attemptTimeout: attemptTimeout, deciding: decide)
    }

    public func settle(_ transitions: [ClaimTransition]) async throws(StoreError) -> [Bool] {
        try await inner.settle(transitions)
    }

    public func record(_ outcomes: [AttemptRecord]) async throws(StoreError) -> [Bool] {
        try await inner.record(outcomes)
    }

    public func overdueAttempts(limit: Int) async throws(StoreError) -> [OverdueAttempt] {
        try await inner.overdueAttempts(limit: limit)
    }

    public func attachments(of message: MessageID) async throws(StoreError) -> [[UInt8]] {
        try await inner.attachments(of: message)
    }

    public func nextDueAt() async throws(StoreError) -> Instant? { try await inner.nextDueAt() }
    public func waitForWork(atMost: Duration, least: Priority) async {
        await inner.waitForWork(atMost: atMost, least: least)
    }
    public func depth() async throws(StoreError) -> QueueDepth { try await inner.depth() }
}

extension StoreProxy {
    public func enqueue(_ submissions: [Submission]) async throws(StoreError) -> [SubmissionResult] {
        try await inner.enqueue(submissions)
    }

    public func message(_ id: MessageID) async throws(StoreError) -> Message? { try await inner.message(id) }

    public func cancel(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        try await inner.cancel(id)
    }

    public func keep(unmatched message: UnmatchedInboundMessage, atMost count: Int) async throws(StoreError) {
        try await inner.keep(unmatched: message, atMost: count)
    }

    public func duePolls(limit: Int) async throws(StoreError) -> PollPage { try await inner.duePolls(limit: limit) }

    public func settle(polls results: [PollResult], maxWaiting: Int) async throws(StoreError) {
        try await inner.settle(polls: results, maxWaiting: maxWaiting)
    }

    public func note(_ inbound: LastInbound) async throws(StoreError) { try await inner.note(inbound) }

    public func lastInbound(after address: KeyHash?, limit: Int) async throws(StoreError) -> [LastInbound] {
        try await inner.lastInbound(after: address, limit: limit)
    }

    public func unmatchedMessages(before place: Int64?, limit: Int) async throws(StoreError) -> UnmatchedPage {
        try await inner.unmatchedMessages(before: place, limit: limit)
    }

    public func retry(_ id: MessageID) async throws(StoreError) -> [DeliveryID: DeliveryState]? {
        try await inner.retry(id)
    }

    public func log(_ query: LogQuery) async throws(StoreError) -> LogPage { try await inner.log(query) }

    public func history(of message: MessageID) async throws(StoreError) -> [LogEntry] {
        try await inner.history(of: message)
    }

    public func timeline(
        recipient: String, before message: MessageID?, limit: Int
    ) async throws(StoreError) -> [TimelineItem] {
        try await inner.timeline(recipient: recipient, before: message, limit: limit)
    }

    public func totals() async throws(StoreError) -> [DeliveryState: Int] { try await inner.totals() }
    public func held(after place: QueuePlace?, limit: Int) async throws(StoreError) -> HeldPage {
        try await inner.held(after: place, limit: limit)
    }

    public func backlog(at now: Instant) async throws(StoreError) -> Backlog { try await inner.backlog(at: now) }
}

extension StoreProxy {
    public func pause(
        _ filter: DeliveryFilter, until: Instant?, reason: String, by: String
    ) async throws(StoreError) -> (pause: SendingPause, isNew: Bool)? {
        try await inner.pause(filter, until: until, reason: reason, by: by)
    }

    public func resume(_ id: Int64) async throws(StoreError) -> SendingPause? { try await inner.resume(id) }

    public func pauses(at now: Instant) async throws(StoreError) -> [PauseStatus] { try await inner.pauses(at: now) }
}

extension StoreProxy {
    public func begin(
        subscription name: String, after position: LogCursor?
    ) async throws(StoreError) -> EventSubscriptionState {
        try await inner.begin(subscription: name, after: position)
    }

    public func save(_ state: EventSubscriptionState) async throws(StoreError) -> Bool { try await inner.save(state) }

    public func carryOut(_ order: EventOrder, on name: String) async throws(StoreError) -> EventSubscriptionState? {
        try await inner.carryOut(order, on: name)
    }

    public func eventSubscriptions() async throws(StoreError) -> [EventSubscriptionState] {
        try await inner.eventSubscriptions()
    }

    public func addresses(of deliveries: Set<DeliveryID>) async throws(StoreError) -> [DeliveryID: Address] {
        try await inner.addresses(of: deliveries)
    }
}

extension StoreProxy {
    public func register(policy text: String) async throws(StoreError) -> Int { try await inner.register(policy: text) }
    public func policy(version: Int) async throws(StoreError) -> String? { try await inner.policy(version: version) }
    public func add(key: APIKeyRecord) async throws(StoreError) { try await inner.add(key: key) }
    public func keys() async throws(StoreError) -> [APIKeyRecord] { try await inner.keys() }
    public func revoke(key id: String) async throws(StoreError) -> Bool { try await inner.revoke(key: id) }

    public func prune(
        messagesBefore: Instant, ledgerBefore: Instant, idempotencyBefore: Instant, limit: Int
    ) async throws(StoreError) -> Int {
        try await inner.prune(
            messagesBefore: messagesBefore, ledgerBefore: ledgerBefore, idempotencyBefore: idempotencyBefore,
            limit: limit)
    }

    public func checkWritable() async throws(StoreError) { try await inner.checkWritable() }
    public func close() async { await inner.close() }
}

extension StoreProxy {
    public func append(_ receipts: [Receipt], maxWaiting: Int) async throws(StoreError) -> ReceiptIntake {
        try await inner.append(receipts, maxWaiting: maxWaiting)
    }

    public func applyReceipts(
        limit: Int, patience: Duration, deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptRound {
        try await inner.applyReceipts(limit: limit, patience: patience, deciding: decide)
    }

    public func receipts(
        matching filter: ReceiptFilter, before id: Int64?, limit: Int
    ) async throws(StoreError) -> [ReceiptRow] {
        try await inner.receipts(matching: filter, before: id, limit: limit)
    }

    public func receiptCount(matching filter: ReceiptFilter) async throws(StoreError) -> Int {
        try await inner.receiptCount(matching: filter)
    }

    public func replayReceipts(
        matching filter: ReceiptFilter, after id: Int64, limit: Int, isDryRun: Bool,
        deciding decide: @escaping ReceiptDecider
    ) async throws(StoreError) -> ReceiptReplay {
        try await inner.replayReceipts(
            matching: filter, after: id, limit: limit, isDryRun: isDryRun, deciding: decide)
    }

    public func receiptTotals() async throws(StoreError) -> [ReceiptRow.Standing: Int] {
        try await inner.receiptTotals()
    }

    public func pruneReceipts(before: Instant, limit: Int) async throws(StoreError) -> Int {
        try await inner.pruneReceipts(before: before, limit: limit)
    }

    public func engagement(of recipient: String) async throws(StoreError) -> (own: Engagement, prior: Engagement) {
        try await inner.engagement(of: recipient)
    }
}

extension StoreProxy {
    public func put(_ profiles: [Profile]) async throws(StoreError) -> [Result<String, IdentityRefusal>] {
        try await inner.put(profiles)
    }

    public func change<Refusal: Error>(
        _ id: String, by change: @escaping @Sendable (Profile) -> Result<Profile, Refusal>
    ) async throws(StoreError) -> ProfileChange<Refusal> {
        try await inner.change(id, by: change)
    }

    public func profile(_ id: String) async throws(StoreError) -> Profile? { try await inner.profile(id) }

    public func profiles(after id: String?, limit: Int) async throws(StoreError) -> [Profile] {
        try await inner.profiles(after: id, limit: limit)
    }

    public func crowdedAddresses(above most: Int) async throws(StoreError) -> Int {
        try await inner.crowdedAddresses(above: most)
    }

    public func merge(
        _ from: String, into: String
    ) async throws(StoreError) -> Result<ProfileMerge, IdentityRefusal> {
        try await inner.merge(from, into: into)
    }

    public func erase(_ id: String) async throws(StoreError) -> Erasure? { try await inner.erase(id) }

    public func take(_ statements: [ConsentStatement]) async throws(StoreError) -> [ConsentOutcome] {
        try await inner.take(statements)
    }

    public func consentHistory(
        of id: String?, after sequence: Int64, limit: Int
    ) async throws(StoreError) -> [ConsentRecord] {
        try await inner.consentHistory(of: id, after: sequence, limit: limit)
    }

    public func suppress(_ suppressions: [Suppression]) async throws(StoreError) {
        try await inner.suppress(suppressions)
    }

    public func lift(
        subject: KeyHash, channel: Channel?, category: String?, reason: Suppression.Reason?, notAfter instant: Instant?,
        by word: SuppressionLifting
    ) async throws(StoreError) -> Int {
        try await inner.lift(
            subject: subject, channel: channel, category: category, reason: reason, notAfter: instant, by: word)
    }

    public func suppressions(
        of subjects: [KeyHash]?, before place: SuppressionPlace?, limit: Int
    ) async throws(StoreError) -> [Suppression] {
        try await inner.suppressions(of: subjects, before: place, limit: limit)
    }

    public func suppressions(after last: Suppression?, limit: Int) async throws(StoreError) -> [Suppression] {
        try await inner.suppressions(after: last, limit: limit)
    }

    public func suppressionHistory(
        of subject: KeyHash?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [SuppressionRecord] {
        try await inner.suppressionHistory(of: subject, before: sequence, limit: limit)
    }

    public func address(of delivery: DeliveryID) async throws(StoreError) -> KeyHash? {
        try await inner.address(of: delivery)
    }

    public func facts(recipient: String, horizon: Duration) async throws(StoreError) -> AdmissionFacts {
        try await inner.facts(recipient: recipient, horizon: horizon)
    }
}

extension StoreProxy {
    public func queue(at now: Instant, limit: Int) async throws(StoreError) -> QueueSummary {
        try await inner.queue(at: now, limit: limit)
    }

    public func messages(
        _ filter: StateFilter, after cursor: StateCursor?, limit: Int
    ) async throws(StoreError) -> StatePage {
        try await inner.messages(filter, after: cursor, limit: limit)
    }

    public func messages(_ ids: [MessageID]) async throws(StoreError) -> [MessageStatus] {
        try await inner.messages(ids)
    }

    public func possiblySent(_ deliveries: [DeliveryID]) async throws(StoreError) -> Set<DeliveryID> {
        try await inner.possiblySent(deliveries)
    }
}

extension StoreProxy {
    public func apply(
        _ action: StateAction, to targets: [StateTarget], selectedBy filter: StateFilter, repeatingUnknown: Bool
    ) async throws(StoreError) -> [StateChangeResult] {
        try await inner.apply(action, to: targets, selectedBy: filter, repeatingUnknown: repeatingUnknown)
    }
}

extension StoreProxy {
    public func audit(_ query: AuditQuery) async throws(StoreError) -> [AuditEntry] { try await inner.audit(query) }

    public func audit(_ action: AuditAction, subject: String, detail: String) async throws(StoreError) {
        try await inner.audit(action, subject: subject, detail: detail)
    }

    public func pruneAudit(before: Instant, limit: Int) async throws(StoreError) -> Int {
        try await inner.pruneAudit(before: before, limit: limit)
    }
}

extension StoreProxy {
    public func enqueue(_ batch: SourceBatch) async throws(StoreError) -> SourceResult {
        try await inner.enqueue(batch)
    }

    public func pruneRejects(before: Instant, limit: Int) async throws(StoreError) -> Int {
        try await inner.pruneRejects(before: before, limit: limit)
    }

    public func positions(of source: String) async throws(StoreError) -> [SourcePartition: Int64] {
        try await inner.positions(of: source)
    }

    public func rejects(
        ofSource source: String?, before sequence: Int64?, limit: Int
    ) async throws(StoreError) -> [RejectedRecord] {
        try await inner.rejects(ofSource: source, before: sequence, limit: limit)
    }

    public func rejectCounts() async throws(StoreError) -> [String: Int] { try await inner.rejectCounts() }
}
