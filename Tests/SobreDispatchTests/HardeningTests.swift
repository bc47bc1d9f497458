import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Synchronization
import Testing

@Suite("The dispatcher under odd conditions") struct HardeningTests {
    // MARK: Devices

    @Test func `one delivery reaches every device of a person and is one contact`() async throws {
        let push = ScriptedProvider("push", .push, .accepted)
        try await DispatchBench.run(push) { bench in
            try await bench.store.put([DispatchBench.annWithDevices])
            let id = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(Set(push.received.map(\.address.value)) == ["token-of-ann", "tablet-of-ann", "watch-of-ann"])
            #expect(Set(push.received.map(\.delivery)).count == 1)
            #expect(Set(push.received.map(\.key)).count == 3, "an idempotent provider must not take them for one")
            #expect(try await bench.states(id) == [.queued, .attempting, .sent])
            #expect(try await bench.last(id).detail.hasPrefix("3 of 3 devices"))
            let ledger = try await bench.store.facts(recipient: "ann", horizon: .seconds(86_400)).ledger
            #expect(ledger.map(\.state) == [.committed])
            #expect(bench.dispatcher.inFlight == 0)
        }
    }

    @Test func `a dead device is suppressed alone, and the next message goes to the others`() async throws {
        let push = ScriptedProvider("push", .push, .accepted)
        push.answer("token-of-ann", .recipientGone)
        try await DispatchBench.run(push) { bench in
            try await bench.store.put([DispatchBench.annWithDevices])
            let first = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(try await bench.last(first).state == .sent)
            #expect(try await bench.store.suppressions(subject: nil, limit: 10).map(\.reason) == [.invalidToken])
            let second = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(push.received.dropFirst(3).map(\.address.value).sorted() == ["tablet-of-ann", "watch-of-ann"])
            #expect(try await bench.last(second).state == .sent)
        }
    }

    @Test func `devices of which none took it, and one may have, are of unknown fate`() async throws {
        let push = ScriptedProvider("push", .push, .recipientGone)
        push.answer("tablet-of-ann", .ambiguous)
        try await DispatchBench.run(push) { bench in
            try await bench.store.put([DispatchBench.annWithDevices])
            let id = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(try await bench.last(id).state == .unknown)
            #expect(try await bench.store.suppressions(subject: nil, limit: 10).count == 2)
        }
    }

    @Test func `no device's call waits longer than an attempt that a crash cuts off counts as one`() async throws {
        let push = ScriptedProvider("push", .push, .accepted)
        let settings = DispatchSettings.fiveAttempts
        try await DispatchBench.run(push, settings: settings, rate: 0.1) { bench in
            try await bench.store.put([DispatchBench.annWithDevices])
            let waits = Shared<[Duration]>([])
            let store = RefusingStore(bench.store)
            let dispatcher = bench.dispatcher(over: store) { wait in waits.value.withLock { $0.append(wait) } }
            let id = try await bench.enqueue(channels: [.push])
            try await dispatcher.runUntilIdle()
            #expect(push.received.count == 3)
            #expect(try await bench.last(id).state == .sent)
            let longest = try #require(waits.value.withLock { $0.max() })
            #expect(longest + settings.limits.guardTime + settings.limits.attemptTimeout <= store.attemptLife)
        }
    }

    // MARK: Unknown outcomes

    @Test func `what may have been taken goes to the same provider again, whatever failed before`() async throws {
        let first = ScriptedProvider("first", .email, .transient)
        let second = ScriptedProvider("second", .email, .ambiguous, .accepted)
        try await DispatchBench.run(first, second) { bench in
            let id = try await bench.enqueue(category: "transactional")
            try await bench.work()
            try await bench.workWhenDue()
            #expect(try await bench.last(id).state == .deferred)
            try await bench.workWhenDue()
            #expect(first.received.count == 1)
            #expect(second.received.map(\.possibleDuplicate) == [false, true])
            #expect(Set(second.received.map(\.key)).count == 1)
            #expect(try await bench.last(id).state == .sent)
        }
    }

    @Test(arguments: [Outcome.Kind.recipientGone, .contentRejected, .permanentUnknown])
    func `a second try that is refused ends unknown`(kind: Outcome.Kind) async throws {
        let mail = ScriptedProvider("mail", .email, .ambiguous, kind)
        let push = ScriptedProvider("push", .push, .accepted)
        try await DispatchBench.run(mail, push) { bench in
            let id = try await bench.enqueue(category: "transactional", channels: [.email, .push])
            try await bench.work()
            try await bench.workWhenDue()
            let last = try await bench.last(id)
            #expect(last.state == .unknown && last.possibleDuplicate)
            #expect(push.received.isEmpty, "nor does it go out on another channel")
            #expect(try await bench.store.nextDueAt() == nil)
        }
    }

    @Test func `a second try that is too late, or cancelled, ends unknown`() async throws {
        let mail = ScriptedProvider("mail", .email, .ambiguous)
        try await DispatchBench.run(mail) { bench in
            let late = try await bench.enqueue(category: "transactional", expiresIn: .seconds(20))
            let cancelled = try await bench.enqueue(category: "transactional")
            try await bench.work()
            let states = try await bench.store.cancel(cancelled)
            #expect(states?.values.map { $0 } == [.unknown])
            bench.time.advance(by: .seconds(30))
            try await bench.work()
            #expect(try await bench.last(late).state == .unknown)
            #expect(try await bench.last(cancelled).state == .unknown)
            #expect(mail.received.count == 2)
            #expect(try await bench.store.totals() == [.unknown: 2])
        }
    }

    // MARK: Channels and expiry

    @Test func `words that a provider refuses go out on the plan's next channel, once`() async throws {
        let push = ScriptedProvider("push", .push, .contentTooLarge)
        let mail = ScriptedProvider("mail", .email, .transient, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            let id = try await bench.enqueue(channels: [.push, .email])
            try await bench.work()
            try await bench.workWhenDue()
            #expect(push.received.count == 1, "it does not go back to the channel that refused it")
            #expect(mail.received.count == 2)
            let last = try await bench.last(id)
            #expect(last.state == .sent && last.channel == .email && last.attempt == 3)
        }
    }

    @Test func `words that nobody on a channel takes go on before anything is sent`() async throws {
        let push = ScriptedProvider("push", .push, .accepted)
        push.refuse(Outcome(.contentTooLarge, detail: "too large"))
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            let id = try await bench.enqueue(channels: [.push, .email])
            let hopeless = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(push.received.isEmpty && mail.received.count == 1)
            #expect(try await bench.last(id).channel == .email)
            let failed = try await bench.last(hopeless)
            #expect(failed.state == .failed && failed.reason == "content.too_large")
        }
    }

    @Test func `a message expires by its category behind a broken template and without a provider`() async throws {
        try await DispatchBench.run(rendering: .failed(reason: "line 3", templateVersion: "v1")) { bench in
            let id = try await bench.enqueue(category: "brief")
            try await bench.work()
            #expect(try await bench.last(id).reason == "render_failed")
            try await bench.workWhenDue()
            #expect(try await bench.workWhenDue() <= .seconds(30))
            #expect(try await bench.last(id).state == .expired)
        }
        try await DispatchBench.run { bench in
            let id = try await bench.enqueue(category: "brief")
            try await bench.work()
            #expect(try await bench.last(id).reason == "no_provider")
            #expect(try await bench.workWhenDue() == .seconds(60))
            #expect(try await bench.last(id).state == .expired)
        }
    }

    @Test func `the end of an attempt carries the version of the policy that admitted it`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.store.history(of: id).map(\.policyVersion) == [0, 1, 1])
        }
    }

    // MARK: Time and rate

    @Test func `while the clock is distrusted capped messages wait and others go`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, alarm: .ahead(by: .seconds(86_400))) { bench in
            let capped = try await bench.enqueue()
            let free = try await bench.enqueue(category: "transactional")
            try await bench.work()
            let held = try await bench.last(capped)
            #expect(held.state == .held && held.reason == "clock_jumped")
            #expect(held.detail.contains("1 d ahead"))
            #expect(try await bench.last(free).state == .sent)
            #expect(mail.received.count == 1)
        }
        try await DispatchBench.run(mail, alarm: .behind(by: .seconds(86_400))) { bench in
            let capped = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.last(capped).state == .sent, "time that passes too slowly blocks enough")
        }
    }

    @Test func `a channel with little room does not get ahead of a higher priority`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        let push = ScriptedProvider("push", .push, .accepted)
        try await DispatchBench.run(mail, push, rate: 5) { bench in
            let results = try await bench.store.enqueue([
                Submission(
                    draft: MessageDraft(
                        recipient: "ann", template: "hello", category: "transactional", channels: [.email])),
                Submission(
                    draft: MessageDraft(
                        recipient: "ann", template: "hello", category: "transactional", channels: [.push],
                        priority: .high)),
            ])
            guard case .accepted(let normal) = results[0], case .accepted(let high) = results[1] else {
                throw StoreError(.io, "the messages were not accepted")
            }
            try await bench.work()
            let log = try await bench.store.log(LogQuery(direction: .forward(after: nil), limit: 100))
            let admitted = log.rows.filter { $0.entry.state == .attempting }.map(\.entry.delivery.message)
            #expect(admitted == [high, normal])
        }
    }

    @Test func `no more is claimed than the provider's rate has room for, and all of it goes in time`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, rate: 10) { bench in
            try await bench.enqueue(count: 30)
            try await bench.work()
            #expect(mail.received.count == 11, "one now, and ten within the next second")
            for _ in 0..<2 {
                bench.time.advance(by: .milliseconds(1_100))
                try await bench.work()
            }
            #expect(mail.received.count == 30)
            #expect(try await bench.store.totals() == [.sent: 30])
        }
    }

    // MARK: A store that refuses

    @Test func `an outcome that can never be recorded stops the line with a failure that names it`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let bad = try await bench.enqueue()
            let store = RefusingStore(bench.store, refuses: bad)
            let dispatcher = bench.dispatcher(over: store)
            try await bench.enqueue(count: 5)
            let failure = await #expect(throws: DispatchFailure.self) { try await dispatcher.run() }
            #expect(failure?.delivery.message == bad)
            #expect("\(try #require(failure))".contains("unknown"))
            let totals = try await bench.store.totals()
            #expect(totals[.sent] == 5, "the others of the batch are recorded: \(totals)")
            #expect(totals[.attempting] == 1)
            #expect(dispatcher.inFlight == 0)
        }
    }

    @Test func `a store that is full for a while loses no outcome`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            let store = RefusingStore(bench.store, refuses: id, code: .full, times: 6)
            try await bench.dispatcher(over: store).runUntilIdle()
            #expect(try await bench.last(id).state == .sent)
            #expect(store.refusals == 6)
        }
    }
}
