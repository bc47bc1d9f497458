import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Testing

@Suite("The dispatcher over the real store") struct DispatcherTests {
    @Test func `an accepted message is sent once and its log says by whom`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.states(id) == [.queued, .attempting, .sent])
            let last = try await bench.last(id)
            #expect(last.provider == "mail" && last.providerID == "mail-1" && last.attempt == 1)
            #expect(mail.received.map(\.address.value) == ["ann@example.com"])
            #expect(mail.received[0].delivery == last.delivery)
            #expect(bench.dispatcher.inFlight == 0)
        }
    }

    @Test func `each attempt has the message's trace`() async throws {
        let mail = ScriptedProvider("mail", .email, .transient, .accepted)
        try await DispatchBench.run(mail) { bench in
            var draft = MessageDraft(recipient: "ann", template: "hello", channels: [.email])
            draft.trace = TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
            _ = try await bench.store.enqueue([Submission(draft: draft)])
            try await bench.enqueue()
            try await bench.work()
            try await bench.workWhenDue()
            let traces = mail.received.map(\.trace)
            #expect(traces.count == 3 && traces.count { $0 == draft.trace } == 2 && draft.trace != nil, "\(traces)")
        }
    }

    @Test func `a refusal for now is tried again after a growing wait`() async throws {
        let mail = ScriptedProvider("mail", .email, .transient, .throttled, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            let first = try await bench.workWhenDue()
            let second = try await bench.workWhenDue()
            #expect(first >= .seconds(1) && first <= .seconds(2))
            #expect(second >= .seconds(2) && second <= .seconds(4))
            #expect(
                try await bench.states(id)
                    == [.queued, .attempting, .deferred, .attempting, .deferred, .attempting, .sent])
            #expect(mail.received.map(\.attempt) == [1, 2, 3])
            #expect(mail.received.allSatisfy { !$0.possibleDuplicate })
            #expect(Set(mail.received.map(\.delivery)).count == 1)
        }
    }

    @Test func `the wait that a provider asks for is kept`() async throws {
        let refusal = Outcome(.throttled, detail: "slow down", retryAfter: .seconds(120))
        let mail = ScriptedProvider("mail", .email, [refusal, Outcome(.accepted)])
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.workWhenDue() >= .seconds(120))
            #expect(try await bench.last(id).state == .sent)
        }
    }

    @Test func `what meets a limited provider waits in the queue and spends nothing`() async throws {
        let refusal = Outcome(.throttled, detail: "slow down", retryAfter: .seconds(120))
        let mail = ScriptedProvider("mail", .email, Array(repeating: refusal, count: 20) + [Outcome(.accepted)])
        try await DispatchBench.run(mail) { bench in
            let first = try await bench.enqueue()
            try await bench.work()
            try await bench.enqueue(count: 50)
            try await bench.work()
            #expect(mail.received.count == 1, "it is left alone")
            #expect(try await bench.store.totals() == [.deferred: 1, .queued: 50])
            // There are two probes every two minutes. Their rejection costs no message an attempt.
            var rounds = 0
            while mail.received.count < 20, rounds < 30 {
                bench.time.advance(by: .seconds(120))
                try await bench.work()
                rounds += 1
                #expect(mail.received.count <= 1 + 2 * rounds)
            }
            for _ in 0..<30 {
                bench.time.advance(by: .seconds(120))
                try await bench.work()
            }
            #expect(try await bench.store.totals() == [.sent: 51])
            #expect(mail.received.map(\.attempt).max()! <= 2)
            #expect(try await bench.last(first).state == .sent)
        }
    }

    @Test func `the next provider of the route takes over from one that is limited`() async throws {
        let first = ScriptedProvider(
            "first", .email, [Outcome(.throttled, detail: "slow down", retryAfter: .seconds(600)), Outcome(.accepted)])
        let second = ScriptedProvider("second", .email, .accepted)
        try await DispatchBench.run(first, second) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.workWhenDue() <= .seconds(2), "it need not wait for the first")
            try await bench.enqueue(count: 10)
            try await bench.work()
            #expect(first.received.count == 1 && second.received.count == 11)
            #expect(try await bench.last(id).provider == "second")
        }
    }

    @Test func `a used-up allowance pauses the provider and costs no attempt`() async throws {
        let mail = ScriptedProvider("mail", .email, .quota, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            let waiting = try await bench.last(id)
            #expect(waiting.state == .deferred && waiting.reason == "quota" && waiting.attempt == 0)
            #expect(try await bench.workWhenDue() == .seconds(60))
            #expect(try await bench.last(id).state == .sent)
        }
    }

    @Test func `recipients who are refused alike, without a word about them, are held and not suppressed`() async throws
    {
        var refusal = Outcome(.recipientGone, detail: "another project's token")
        refusal.commonCause = KeyHash("mismatch")
        let mail = ScriptedProvider("mail", .email, [refusal])
        try await DispatchBench.run(mail) { bench in
            let people = (0..<12).map {
                Profile(id: "p\($0)", addresses: [Address(channel: .email, value: "p\($0)@example.com")])
            }
            try await bench.store.put(people)
            var ids: [MessageID] = []
            for person in people { ids.append(try await bench.enqueue(recipient: person.id)) }
            try await bench.work()
            var states: [DeliveryState: Int] = [:]
            for id in ids { states[try await bench.last(id).state, default: 0] += 1 }
            // Four are what the evidence says. The fifth in a row shows that it says something else.
            #expect(states == [.failed: 4, .held: 8], "\(states)")
            #expect(try await bench.store.suppressions(subject: nil, limit: 99).count == 4)
            let held = try await bench.last(ids[11])
            #expect(held.reason == "provider_paused")
        }
    }

    @Test func `after the last attempt it fails and nothing is left waiting`() async throws {
        let mail = ScriptedProvider("mail", .email, .transient)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            for _ in 0..<4 { try await bench.workWhenDue() }
            let last = try await bench.last(id)
            #expect(last.state == .failed && last.reason == "attempts_exhausted" && last.attempt == 5)
            #expect(mail.received.count == 5)
            #expect(try await bench.store.nextDueAt() == nil)
            #expect(try await bench.store.facts(recipient: "ann", horizon: .seconds(86_400)).ledger.isEmpty)
        }
    }

    @Test func `a retry begins with the next provider of the route`() async throws {
        let first = ScriptedProvider("first", .email, .transient)
        let second = ScriptedProvider("second", .email, .accepted)
        try await DispatchBench.run(first, second) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            try await bench.workWhenDue()
            #expect(first.received.count == 1 && second.received.count == 1)
            let last = try await bench.last(id)
            #expect(last.state == .sent && last.provider == "second")
        }
    }

    @Test func `marketing of unknown fate is never sent again and keeps its slot`() async throws {
        let mail = ScriptedProvider("mail", .email, .ambiguous, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            #expect(try await bench.last(id).state == .unknown)
            #expect(try await bench.store.nextDueAt() == nil)
            #expect(
                try await bench.store.facts(recipient: "ann", horizon: .seconds(86_400)).ledger.map(\.state) == [
                    .committed
                ]
            )
            bench.time.advance(by: .seconds(7 * 86_400))
            try await bench.work()
            #expect(mail.received.count == 1)
        }
    }

    @Test func `a transactional message of unknown fate goes out once more, flagged, and then never again`()
        async throws
    {
        let mail = ScriptedProvider("mail", .email, .ambiguous)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue(category: "transactional")
            try await bench.work()
            #expect(try await bench.last(id).state == .deferred)
            #expect(try await bench.workWhenDue() == .seconds(30))
            let last = try await bench.last(id)
            #expect(last.state == .unknown && last.possibleDuplicate)
            #expect(mail.received.map(\.possibleDuplicate) == [false, true])
            #expect(Set(mail.received.map(\.delivery)).count == 1)
            #expect(try await bench.store.nextDueAt() == nil)
        }
    }

    @Test(arguments: [Outcome.Kind.auth, .configuration])
    func `our own mistake holds the message, pauses the provider and costs no attempt`(kind: Outcome.Kind) async throws
    {
        let mail = ScriptedProvider("mail", .email, kind, .accepted)
        try await DispatchBench.run(mail) { bench in
            let first = try await bench.enqueue()
            try await bench.work()
            let second = try await bench.enqueue()
            try await bench.work()
            for id in [first, second] {
                let held = try await bench.last(id)
                #expect(held.state == .held && held.reason == "provider_paused" && held.attempt == 0)
            }
            #expect(mail.received.count == 1, "a paused provider is left alone")
            #expect(try await bench.workWhenDue() == .seconds(60))
            #expect(try await bench.last(first).state == .sent)
            #expect(try await bench.last(second).state == .sent)
            #expect(mail.received.map(\.attempt) == [1, 1, 1])
        }
    }

    @Test func `a dead token is suppressed and the plan's next channel has the message`() async throws {
        let push = ScriptedProvider("push", .push, .recipientGone)
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(push, mail) { bench in
            let id = try await bench.enqueue(channels: [.push, .email])
            try await bench.work()
            #expect(push.received.count == 1 && mail.received.count == 1)
            let last = try await bench.last(id)
            #expect(last.state == .sent && last.channel == .email)
            let token = DispatchBench.ann.address(on: .push)!
            let suppression = try #require(try await bench.store.suppressions(subject: token.subject, limit: 10).first)
            #expect(suppression.reason == .invalidToken && suppression.source == "provider:push")
            try await bench.enqueue(channels: [.push, .email])
            try await bench.work()
            #expect(push.received.count == 1, "a dead token is not tried again")
            #expect(mail.received.count == 2)
        }
    }

    @Test func `a message that comes too late is not sent`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { bench in
            let id = try await bench.enqueue(expiresIn: .seconds(60))
            bench.time.advance(by: .seconds(60))
            try await bench.work()
            #expect(try await bench.last(id).state == .expired)
            #expect(mail.received.isEmpty)
        }
    }

    @Test func `a template's own no is a drop, a broken template a hold`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, rendering: .aborted(reason: "not for you", templateVersion: "v1")) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            let last = try await bench.last(id)
            #expect(last.state == .dropped && last.reason == "aborted_by_template" && last.detail == "not for you")
        }
        try await DispatchBench.run(mail, rendering: .failed(reason: "line 3", templateVersion: "v1")) { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            let last = try await bench.last(id)
            #expect(last.state == .held && last.reason == "render_failed" && last.detail == "line 3")
            #expect(try await bench.workWhenDue() == .seconds(30))
        }
        #expect(mail.received.isEmpty)
    }

    @Test func `a channel without a provider holds its messages with the reason`() async throws {
        try await DispatchBench.run { bench in
            let id = try await bench.enqueue()
            try await bench.work()
            let last = try await bench.last(id)
            #expect(last.state == .held && last.reason == "no_provider" && last.attempt == 0)
        }
    }

    @Test(arguments: ["marketing", "transactional"])
    func `an attempt that a crash left open is resolved first, as of unknown fate`(category: String) async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail) { before in
            let id = try await before.enqueue(category: category)
            try await admitOnly(before)
            let bench = try await before.restarted()
            try await bench.work()
            #expect(mail.received.isEmpty, "nobody knows whether it was sent: it must not simply be sent again")
            if category == "marketing" {
                #expect(try await bench.states(id) == [.queued, .attempting, .unknown])
                #expect(try await bench.store.nextDueAt() == nil)
            } else {
                #expect(try await bench.workWhenDue() == .seconds(30))
                #expect(try await bench.states(id) == [.queued, .attempting, .deferred, .attempting, .sent])
                #expect(mail.received.map(\.possibleDuplicate) == [true])
            }
            await bench.store.close()
        }
    }

    /// Records the intent and stops, like a process that was killed during a call.
    private func admitOnly(_ bench: DispatchBench) async throws {
        let claimed = try await bench.store.claim(limit: 1, lease: .seconds(60), channels: [.email])[0]
        let request = AdmissionRequest(
            delivery: claimed.claim.delivery, epoch: claimed.claim.epoch, message: claimed.message, channel: .email,
            provider: "mail")
        let policy = BenchPolicy()
        let results = try await bench.store.admit(
            [request], policyVersion: 1, horizon: policy.horizon, attemptTimeout: .seconds(27)
        ) { policy.decide($0, facts: $1, conditions: .normal, at: $2) }
        guard case .admitted = results[0] else { throw StoreError(.io, "it was not admitted") }
    }

    @Test func `no more calls are open at once than allowed, and every message goes once`() async throws {
        let mail = ScriptedProvider("mail", .email, .accepted)
        try await DispatchBench.run(mail, settings: DispatchSettings { ($0.batch, $0.inFlight) = (16, 3) }) { bench in
            try await bench.enqueue(count: 100)
            try await bench.work()
            #expect(mail.mostUnderWay <= 3)
            #expect(mail.received.count == 100)
            #expect(Set(mail.received.map(\.delivery)).count == 100)
            #expect(try await bench.store.totals() == [.sent: 100])
            #expect(bench.dispatcher.inFlight == 0)
        }
    }

    @Test func `settings that contradict each other are named`() {
        #expect(DispatchSettings.fiveAttempts.contradiction == nil)
        #expect(DispatchSettings { $0.workers = 0 }.contradiction != nil)
        #expect(DispatchSettings { ($0.lease, $0.attemptTimeout) = (.seconds(31), .seconds(20)) }.contradiction != nil)
    }
}
