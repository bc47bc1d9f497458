import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Synchronization
import Testing

@Suite("Messages admitted ahead of a provider's free calls") struct AheadTests {
    private static let limits = CallLimits(
        burst: 1, concurrency: 1, ahead: AheadBounds(reach: .seconds(60), most: 8))

    /// Runs a dispatcher over providers that answer when they are told to, with thirty people.
    private func run(
        _ providers: [any Provider], guardTime: Duration = .seconds(30), limits: CallLimits = Self.limits,
        _ body: (DispatchBench) async throws -> Void
    ) async throws {
        let settings = DispatchSettings { $0.guardTime = guardTime }
        try await DispatchBench.run(providers, settings: settings, limits: limits) { bench in
            try await bench.store.put(
                (0..<30).map {
                    Profile(
                        id: "p\($0)",
                        addresses: [
                            Address(channel: .email, value: "p\($0)@example.com"),
                            Address(channel: .push, value: "token-\($0)"),
                        ])
                })
            let isDone = Shared(false)
            let work = Task {
                defer { isDone.value.withLock { $0 = true } }
                try await bench.work()
            }
            var failure: (any Error)?
            do { try await body(bench) } catch { failure = error }
            // Whatever is left gets its answer, so that the dispatcher ends.
            while !isDone.value.withLock({ $0 }) {
                for provider in providers { (provider as? HeldProvider)?.answer() }
                try await Task.sleep(for: .milliseconds(1))
            }
            try await work.value
            if let failure { throw failure }
        }
    }

    private func wait(_ what: String, until isMet: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if try await isMet() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw StoreError(.io, "never came: \(what)")
    }

    private func attempting(_ bench: DispatchBench) async throws -> Int {
        try await bench.store.totals()[.attempting] ?? 0
    }

    /// Answers calls one by one until four have been answered, a fifth is open and five messages wait for it.
    private func warm(_ mail: HeldProvider, _ bench: DispatchBench) async throws {
        for index in 0..<30 { try await bench.enqueue(recipient: "p\(index)") }
        for count in 1...4 {
            try await wait("call \(count)") { mail.received.count == count }
            mail.answer()
        }
        try await wait("a depth of five") { try await attempting(bench) == 6 }
    }

    @Test(arguments: [false, true])
    func `a provider of one call finds its next messages decided, and gets one call at a time`(
        preparesAhead: Bool
    ) async throws {
        let mail = HeldProvider("mail", preparesAhead: preparesAhead)
        try await run([mail]) { bench in
            try await warm(mail, bench)
            #expect(mail.received.count == 5 && mail.open == 1)
            // The next call begins where the one before ends, without the store.
            mail.answer()
            #expect(mail.received.count == 6 && mail.open == 1)
            try await wait("everything") {
                mail.answer()
                return try await bench.store.totals() == [.sent: 30]
            }
            #expect(mail.most == 1)
            #expect(Set(mail.received.map(\.delivery)).count == 30)
        }
    }

    @Test(arguments: [false, true])
    func `what has not begun within the guard time gives its place back and goes out later`(
        preparesAhead: Bool
    ) async throws {
        let mail = HeldProvider("mail", preparesAhead: preparesAhead)
        try await run([mail], guardTime: .milliseconds(400)) { bench in
            try await warm(mail, bench)
            let begun = Set(mail.received.map(\.delivery.message))
            // The call hangs. Five messages give their places under all caps back, and no more are admitted meanwhile.
            bench.time.advance(by: .seconds(120))
            try await wait("five that are given back") { try await bench.store.totals()[.deferred] ?? 0 >= 5 }
            #expect(mail.received.count == 5)
            let log = try await bench.store.log(LogQuery(direction: .forward(after: nil), limit: 1_000)).rows
            let given = log.filter { $0.entry.state == .deferred }
            #expect(given.allSatisfy { $0.entry.reason == "provider_limited" && $0.entry.attempt == 0 })
            #expect(given.allSatisfy { !begun.contains($0.entry.delivery.message) })
            for row in given {
                let person = try #require(try await bench.store.message(row.entry.delivery.message)).recipient
                let ledger = try await bench.store.facts(recipient: person, horizon: .seconds(86_400)).ledger
                #expect(ledger.allSatisfy { $0.state == .released }, "\(person): \(ledger.map(\.state))")
            }
            try await wait("everything") {
                mail.answer()
                return try await bench.store.totals() == [.sent: 30]
            }
            #expect(Set(mail.received.map(\.delivery)).count == 30 && mail.received.count == 30)
        }
    }

    @Test(arguments: [false, true])
    func `an opt-out, a pause or a cancellation stops what was admitted ahead`(
        preparesAhead: Bool
    ) async throws {
        let mail = HeldProvider("mail", preparesAhead: preparesAhead)
        try await run([mail]) { bench in
            try await warm(mail, bench)
            let log = try await bench.store.log(LogQuery(direction: .forward(after: nil), limit: 1_000)).rows
            let begun = Set(mail.received.map(\.delivery.message))
            let ahead = Set(log.filter { $0.entry.state == .attempting }.map(\.entry.delivery.message))
                .subtracting(begun).sorted { $0.rawValue < $1.rawValue }
            #expect(ahead.count == 5)
            var people: [String] = []
            for id in ahead { people.append(try #require(try await bench.store.message(id)).recipient) }
            try await bench.store.suppress([
                Suppression(
                    subject: .recipient(people[0]), label: people[0], reason: .manual, source: "test",
                    at: bench.time.now())
            ])
            _ = try await bench.store.cancel(ahead[1])
            var paused = Profile(
                id: people[2], addresses: [Address(channel: .email, value: "\(people[2])@example.com")])
            paused.caps = RecipientCaps(pauses: [.init(until: .distantFuture)])
            try await bench.store.put([paused])
            try await wait("three more calls") {
                mail.answer()
                return mail.received.count >= 8
            }
            let late = Set(mail.received.dropFirst(5).map(\.delivery.message))
            #expect(late.isDisjoint(with: ahead.prefix(3)), "nothing begins after the answer")
        }
        #expect(mail.most == 1)
    }

    @Test(arguments: [false, true])
    func `a provider that asks for fewer calls gives back what was admitted ahead`(
        preparesAhead: Bool
    ) async throws {
        let mail = HeldProvider("mail", preparesAhead: preparesAhead)
        try await run([mail]) { bench in
            try await warm(mail, bench)
            mail.answer(.throttled, retryAfter: .seconds(120))
            #expect(mail.open == 0, "no further call begins")
            try await wait("all places") { try await attempting(bench) == 0 }
            #expect(mail.received.count == 5)
            let totals = try await bench.store.totals()
            #expect(totals[.deferred] == 6 && totals[.sent] == 4, "\(totals)")
        }
    }

    @Test func `what a paused provider did not begin is held with the reason`() async throws {
        let mail = HeldProvider("mail")
        try await run([mail]) { bench in
            try await warm(mail, bench)
            mail.answer(.auth)
            #expect(mail.open == 0, "no further call begins")
            try await wait("all holds") { try await bench.store.totals() == [.held: 26, .sent: 4] }
            #expect(mail.received.count == 5)
            let log = try await bench.store.log(LogQuery(direction: .forward(after: nil), limit: 1_000)).rows
            #expect(log.filter { $0.entry.state == .held }.allSatisfy { $0.entry.reason == "provider_paused" })
        }
    }

    @Test func `the call that ends makes place for the highest priority`() async throws {
        let mail = HeldProvider("mail")
        try await run([mail]) { bench in
            try await warm(mail, bench)
            let draft = MessageDraft(
                recipient: "ann", template: "hello", category: "transactional", channels: [.email], priority: .high)
            let results = try await bench.store.enqueue([Submission(draft: draft)])
            guard case .accepted(let high) = results[0] else { throw StoreError(.io, "it was not accepted") }
            // One more is admitted as soon as one has ended.
            mail.answer()
            try await wait("its admission") { try await bench.states(high).contains(.attempting) }
            mail.answer()
            #expect(mail.received.last?.delivery.message == high)
        }
    }

    @Test func `a provider with a deep queue does not keep another from its messages`() async throws {
        let mail = HeldProvider("mail")
        let push = ScriptedProvider("push", .push, .accepted)
        try await run([mail, push]) { bench in
            try await warm(mail, bench)
            for index in 0..<30 { try await bench.enqueue(channels: [.push], recipient: "p\(index)") }
            try await wait("the other provider's") { push.received.count == 30 }
            #expect(mail.received.count == 5)
        }
    }

    @Test func `without a depth a message is admitted when a call is free for it`() async throws {
        let mail = HeldProvider("mail")
        try await run([mail], limits: CallLimits(burst: 1, concurrency: 1)) { bench in
            for index in 0..<10 { try await bench.enqueue(recipient: "p\(index)") }
            for count in 1...4 {
                try await wait("call \(count)") { mail.received.count == count }
                try await wait("the end of the one before") { try await attempting(bench) == 1 }
                mail.answer()
            }
        }
    }
}
