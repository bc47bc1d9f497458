import SobreModel
import SobreStore
import Testing

@testable import SobreStoreConformance

/// A random history of messages, beside a plain list of the log entries that it must have.
struct LogStory {
    private var driver: StoreDriver
    private var random: SplitMix
    private var messages: [MessageID: Message] = [:]
    /// In the order in which they were committed, with the sequence number 0.
    private var expected: [LogEntry] = []
    private var open: [AdmittedAttempt] = []
    private var cancelled: Set<MessageID> = []
    private var place: LogCursor?
    private var followed: [LogRow] = []
    /// How often each kind of step did something.
    private(set) var counts: [String: Int] = [:]

    init(_ driver: StoreDriver, seed: UInt64) {
        self.driver = driver
        random = SplitMix(state: seed)
    }

    mutating func step() async throws {
        driver.time.advance(by: .milliseconds(Int64(random.next(below: 2_000))))
        switch random.next(below: 16) {
        case 0...3: try await enqueue()
        case 4...7: try await admit()
        case 8...11: try await record()
        case 12: try await cancel()
        case 13: try await reopen()
        case 14: try await pruneLedger()
        default: try await pruneMessages()
        }
        let page = try await driver.store.log(
            LogQuery(direction: .forward(after: place), limit: 1 + random.next(below: 5)))
        followed += page.rows
        place = page.next
    }

    mutating func reopen() async throws { driver = try await driver.reopened() }

    func close() async { await driver.store.close() }

    mutating func resume(_ test: StoreUnderTest) async throws { driver = try await StoreDriver(test) }

    // MARK: Steps

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[random.next(below: values.count)] }

    private mutating func enqueue() async throws {
        let now = driver.time.now()
        let drafts = (0...random.next(below: 3)).map { _ in
            StoreDriver.draft(
                "p\(random.next(below: 4))", channels: pick([[.email], [.sms, .email], [.push, .sms, .email]]),
                route: pick([.first, .all, .best, .escalate]), sendAt: pick([nil, nil, now, now + .seconds(4)]),
                campaign: pick(["one", "two", nil]))
        }
        for result in try await driver.store.enqueue(drafts.map { Submission(draft: $0) }) {
            guard case .accepted(let id) = result, let message = try await driver.store.message(id) else { continue }
            messages[id] = message
            for delivery in message.deliveries {
                let dueAt = max(message.draft.sendAt ?? now, now)
                let isLater = message.draft.route == .escalate && delivery.slot > 0
                expected.append(
                    LogEntry(
                        delivery: delivery, at: now, state: isLater || dueAt > now ? .scheduled : .queued,
                        dueAt: isLater ? dueAt + .seconds(1) : dueAt))
            }
            counts["accepted", default: 0] += 1
        }
    }

    private mutating func admit() async throws {
        let now = driver.time.now()
        let claimed = try await driver.claim(1 + random.next(below: 4))
        var verdicts: [DeliveryID: Int] = [:]
        for item in claimed { verdicts[item.claim.delivery] = random.next(below: 6) }
        let chosen = verdicts
        let results = try await driver.admit(claimed) { request, facts, now in
            let verdict: AdmissionDecision.Verdict
            switch chosen[request.delivery] {
            case 0: verdict = .hold(until: now + .seconds(3), .quietHours)
            case 1: verdict = .drop(.suppressed)
            default: verdict = .send(StoreDriver.address(request, facts), StoreDriver.traits(request))
            }
            let explains = chosen[request.delivery] ?? 9 < 2
            return AdmissionDecision(
                verdict: verdict, policyVersion: 3, explanation: explains ? Array("{}".utf8) : nil,
                summary: chosen[request.delivery] == 5 ? "" : "in words")
        }
        for (item, result) in zip(claimed, results) {
            let request = StoreDriver.request(item)
            let verdict = chosen[request.delivery]!
            var entry = LogEntry(
                delivery: request.delivery, at: now, state: .attempting, attempt: request.attempt,
                channel: request.channel, provider: "acme", detail: verdict == 5 ? "" : "in words",
                possibleDuplicate: request.possibleDuplicate, policyVersion: 3, templateVersion: "v1")
            if verdict < 2 {
                entry.state = verdict == 0 ? .held : .dropped
                entry.reason = verdict == 0 ? HoldReason.quietHours.rawValue : DropReason.suppressed.rawValue
                entry.dueAt = verdict == 0 ? now + .seconds(3) : nil
                entry.attempt -= 1
                entry.provider = nil
                entry.explanation = Array("{}".utf8)
            }
            expected.append(entry)
            if case .admitted(let attempt) = result { open.append(attempt) }
            counts["\(entry.state)", default: 0] += 1
        }
    }

    private mutating func record() async throws {
        guard !open.isEmpty else { return }
        let attempt = open.remove(at: random.next(below: open.count))
        let (proof, next): (Outcome.Proof, NextState) = pick([
            (.sent, .sent), (.sent, .sent), (.notSent, .failed), (.unknown, .unknown),
            (.notSent, .deferred(Wait(.seconds(2)))),
        ])
        let change = DeliveryChange(
            next, reason: next == .sent ? "" : "because", attempt: attempt.attempt, channel: attempt.address.channel,
            provider: "acme", providerID: proof == .sent ? "id-\(attempt.ledgerID)" : nil, detail: "answer",
            policyVersion: 3, templateVersion: "v1")
        let isRecorded = try await driver.store.record([
            AttemptRecord(ledgerID: attempt.ledgerID, delivery: attempt.delivery, proof: proof, change: change)
        ])[0]
        #expect(isRecorded)
        var entry = change.entry(of: attempt.delivery, at: driver.time.now())
        if entry.state == .deferred, cancelled.contains(attempt.delivery.message) {
            entry.state = .cancelled
            entry.reason = DropReason.cancelled.rawValue
            entry.dueAt = nil
        }
        expected.append(entry)
        counts["\(entry.state)", default: 0] += 1
    }

    private mutating func cancel() async throws {
        guard !messages.isEmpty else { return }
        let message = messages[pick(messages.keys.sorted())]!
        _ = try await driver.store.cancel(message.id)
        cancelled.insert(message.id)
        for delivery in message.deliveries {
            guard let last = last(of: delivery), last.state.isPending else { continue }
            expected.append(
                LogEntry(
                    delivery: delivery, at: driver.time.now(), state: .cancelled, reason: DropReason.cancelled.rawValue,
                    attempt: last.attempt,
                    channel: message.draft.route.hasDeliveryPerChannel ? message.plan(of: delivery).first : nil))
            counts["cancelled", default: 0] += 1
        }
    }

    /// The ledger goes before the messages whose attempts it holds. The log stays.
    private mutating func pruneLedger() async throws {
        _ = try await driver.store.prune(
            messagesBefore: .distantPast, ledgerBefore: driver.time.now() - .seconds(2),
            idempotencyBefore: .distantPast,
            limit: 1_000)
        counts["ledger pruned", default: 0] += 1
    }

    private mutating func pruneMessages() async throws {
        let before = driver.time.now() - .seconds(20)
        let removed = try await driver.store.prune(
            messagesBefore: before, ledgerBefore: .distantPast, idempotencyBefore: .distantPast, limit: 1_000)
        let newest = messages.keys.max()
        let old = messages.values.filter { message in
            message.id.createdAt < before && message.id != newest
                && message.deliveries.allSatisfy { delivery in
                    guard let last = last(of: delivery) else { return false }
                    return last.state.isFinal && last != expected.last
                }
        }
        #expect(removed == old.count)
        for message in old { messages[message.id] = nil }
        expected.removeAll { entry in messages[entry.delivery.message] == nil }
        followed.removeAll { row in messages[row.entry.delivery.message] == nil }
        counts["pruned", default: 0] += removed
    }

    private func last(of delivery: DeliveryID) -> LogEntry? { expected.last { $0.delivery == delivery } }

    // MARK: Checks

    /// Reads the log in every way, and compares it with the list.
    mutating func check() async throws {
        let all = try await read(LogQuery(), isForward: true)
        #expect(Self.withoutSequence(all) == expected)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.entry.sequence < $1.entry.sequence })
        // What a follower has not read yet follows its place.
        var query = LogQuery(direction: .forward(after: place), limit: 3)
        while true {
            let page = try await driver.store.log(query)
            followed += page.rows
            if page.rows.isEmpty { break }
            query.direction = .forward(after: page.next)
        }
        if case .forward(let after) = query.direction { place = after }
        #expect(followed == all)
        for filter in filters() {
            let matching = all.filter { Self.matches($0, filter) }
            #expect(try await read(filter, isForward: true) == matching)
            #expect(try await read(filter, isForward: false) == matching.reversed())
        }
        for (id, message) in messages where random.next(below: 3) == 0 {
            let history = all.map(\.entry).filter { $0.delivery.message == id }
            #expect(try await driver.store.history(of: id) == history)
            let items = try await driver.store.timeline(recipient: message.draft.recipient, limit: 1_000)
            let last = message.deliveries.compactMap { delivery in history.last { $0.delivery == delivery } }
            #expect(items.first { $0.message.id == id }?.last == last)
        }
        var totals: [DeliveryState: Int] = [:]
        for message in messages.values {
            for delivery in message.deliveries { totals[last(of: delivery)!.state, default: 0] += 1 }
        }
        #expect(try await driver.store.totals() == totals)
    }

    /// Reads all pages of a query, each of a size of its own.
    private mutating func read(_ filter: LogQuery, isForward: Bool) async throws -> [LogRow] {
        var query = filter
        query.direction = isForward ? .forward(after: nil) : .backward(before: nil)
        var rows: [LogRow] = []
        while true {
            query.limit = 1 + random.next(below: 9)
            let page = try await driver.store.log(query)
            rows += page.rows
            if page.rows.count < query.limit { return rows }
            query.direction = isForward ? .forward(after: page.next) : .backward(before: page.next)
        }
    }

    private mutating func filters() -> [LogQuery] {
        var some = LogQuery()
        some.states = Set(DeliveryState.allCases.filter { _ in random.next(below: 3) == 0 })
        if random.next(below: 3) == 0 { some.recipient = "p\(random.next(below: 4))" }
        if random.next(below: 3) == 0 { some.campaign = "one" }
        if random.next(below: 3) == 0 { some.channels = [.sms] }
        if random.next(below: 3) == 0 { some.provider = "acme" }
        if random.next(below: 3) == 0 { some.since = driver.time.now() - .seconds(15) }
        if random.next(below: 3) == 0 { some.until = driver.time.now() - .seconds(5) }
        return [
            some, LogQuery(states: [.queued]), LogQuery(states: [.scheduled]), LogQuery(states: [.attempting]),
            LogQuery(reasons: ["because"]), LogQuery(recipient: "p1"), LogQuery(campaign: "two"),
            LogQuery(channels: [.email, .push]), LogQuery(since: driver.time.now() - .seconds(10)),
        ]
    }

    private static func matches(_ row: LogRow, _ query: LogQuery) -> Bool {
        let entry = row.entry
        return (query.states.isEmpty || query.states.contains(entry.state))
            && (query.channels.isEmpty || entry.channel.map(query.channels.contains) ?? false)
            && (query.reasons.isEmpty || query.reasons.contains(entry.reason))
            && (query.recipient == nil || query.recipient == row.recipient)
            && (query.campaign == nil || query.campaign == row.campaign)
            && (query.provider == nil || query.provider == entry.provider)
            && (query.since.map { entry.at >= $0 } ?? true) && (query.until.map { entry.at < $0 } ?? true)
    }

    private static func withoutSequence(_ rows: [LogRow]) -> [LogEntry] {
        rows.map { row in
            var entry = row.entry
            entry.sequence = 0
            return entry
        }
    }
}
