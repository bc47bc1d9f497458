import HistoryChecker
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreStore

/// What clients, operators and recipients do to a store. Each is one step and is observed when it is committed.
extension NodeStore {
    func enqueue(_ letters: [(index: Int, submission: Submission)]) async throws(StoreError) {
        try await enter(.enqueue, .accepting)
        if world.mutation == .acceptedNotDurable { world.imageBeforeLastMessage = world.imageOfDisk() }
        let submissions = letters.map { letter in
            var submission = letter.submission
            if world.mutation == .keyNotChecked { submission.idempotencyKey = nil }
            return submission
        }
        let results = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.enqueue(submissions)
        }
        for (letter, result) in zip(letters, results) {
            let submission = letter.submission
            switch result {
            case .accepted(let id):
                world.messages[letter.index] = id
                world.drafts[id] = submission.draft
                world.observe(
                    .accepted(id, submission.draft, key: submission.idempotencyKey, request: submission.requestHash))
            case .replayed(let id):
                world.messages[letter.index] = id
                world.reach("request replayed")
                world.observe(.replayed(id, key: submission.idempotencyKey ?? "", request: submission.requestHash))
            case .conflict(let id):
                world.reach("key refused for another request")
                world.observe(.conflicted(id, key: submission.idempotencyKey ?? "", request: submission.requestHash))
            }
        }
        workCondition.signal()
        try await leave(.enqueue, .accepted)
    }

    private func begin() async throws(StoreError) {
        if isCut { throw Self.closed }
        await world.scheduler.sleep(world.number(0...5))
        if isCut { throw Self.closed }
    }

    func register(_ text: String, _ promise: Promise) async throws(StoreError) -> Int {
        try await begin()
        let version = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.register(policy: text)
        }
        world.observe(.promised(version: version, promise))
        world.reach("policy changed")
        if world.node?.inFlight ?? 0 > 0 { world.reach("policy changed while in flight") }
        await world.scheduler.sleep(world.number(0...30))
        if isCut { throw Self.closed }
        return version
    }

    func put(_ profile: Profile) async throws(StoreError) {
        try await begin()
        let results = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.put([profile])
        }
        guard case .success = results[0] else { return }
        world.known[profile.id] = profile
        world.observe(.put(profile))
    }

    func suppress(_ suppression: Suppression) async throws(StoreError) {
        try await begin()
        try await world.scheduler.outside { () async throws(StoreError) in try await self.inner.suppress([suppression])
        }
        world.observe(.suppressed(suppression))
    }

    func lift(_ person: String) async throws(StoreError) {
        try await begin()
        let count = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.lift(
                subject: .recipient(person), channel: nil, category: nil, by: SuppressionLifting(source: "api"))
        }
        if count > 0 { world.reach("suppression lifted") }
        world.observe(.lifted(person: person))
    }

    func cancel(_ id: MessageID) async throws(StoreError) {
        try await begin()
        if world.mutation != .cancelLost {
            let states = try await world.scheduler.outside { () async throws(StoreError) in
                try await self.inner.cancel(id)
            }
            if states?.values.contains(.attempting) == true { world.reach("cancelled while in flight") }
        }
        world.reach("cancelled")
        world.observe(.cancelled(id))
    }

    func pause(_ filter: DeliveryFilter, for length: Int64?) async throws(StoreError) {
        try await begin()
        let until = length.map { clock.now() + .milliseconds($0) }
        let ordered = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.pause(filter, until: until, reason: "a test", by: "operator")
        }
        guard let pause = ordered?.pause else { return }
        world.isPaused = true
        world.reach(world.node?.inFlight ?? 0 > 0 ? "paused while in flight" : "paused")
        world.observe(.paused(pause))
        workCondition.signal()
    }

    /// Lifts the pauses whose filter is meant.
    func resume(_ isMeant: (DeliveryFilter) -> Bool) async throws(StoreError) {
        try await begin()
        let pauses = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.pauses(at: self.clock.now())
        }
        for status in pauses where isMeant(status.pause.filter) {
            if world.mutation != .resumeLost {
                let lifted = try await world.scheduler.outside { () async throws(StoreError) in
                    try await self.inner.resume(status.pause.id)
                }
                if lifted == nil { continue }
            }
            world.reach(status.held > 0 ? "resumed what was held" : "resumed")
            world.observe(.resumed(pause: status.pause.id))
        }
        workCondition.signal()
    }

    func merge(_ from: String, into: String) async throws(StoreError) {
        try await begin()
        let result = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.merge(from, into: into)
        }
        guard case .success(let merge) = result else { return }
        var profile = merge.profile
        if world.mutation == .mergeForgetsWishes, !profile.caps.isNone {
            profile.caps = .none
            let stripped = profile
            _ = try await world.scheduler.outside { () async throws(StoreError) in try await self.inner.put([stripped])
            }
        }
        world.known[profile.id] = profile
        world.reach("people merged")
        world.observe(.merged(from: from, into: into, profile))
    }

    /// Adds receipts to the inbox and processes them like the product.
    func receive(_ receipts: [SimulatedReceipt]) async throws(StoreError) {
        try await begin()
        let all = interceptor.receipts(receipts).map(\.receipt)
        let intake = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.inner.append(all, maxWaiting: 10_000)
        }
        if intake.repeated > 0 { world.reach("receipt repeated") }
        world.hasReceipts = true
        for one in receipts {
            guard let delivery = one.receipt.delivery else { continue }
            world.observe(.reported(delivery, one.event, provider: one.receipt.provider))
            world.reach(one.receipt.provider == "stranger" ? "told by a stranger" : "told: \(one.event)")
        }
        await world.scheduler.sleep(world.number(0...50))
        try await processReceipts()
    }

    /// One round over the inbox.
    func processReceipts() async throws(StoreError) {
        if isCut { throw Self.closed }
        let round = try await world.scheduler.outside { () async throws(StoreError) in
            try await self.processor.processOnce()
        }
        if round.applied > 0 { world.reach("receipt applied") }
        if round.waiting > 0 { world.reach("receipt came before its outcome") }
        if round.nextDueAt == nil, !round.hasMore { world.hasReceipts = false }
        for one in receiptInterceptor.takeDigested() {
            if let what = one.rare { world.reach(what) }
            guard let event = ReportedEvent(one.receipt.kind) else { continue }
            world.observe(
                .digested(one.delivery, event, provider: one.receipt.provider, at: min(one.receipt.at, clock.now())))
        }
        workCondition.signal()
    }
}
