import SobreModel
import SobreStore

extension StoreConformance {
    static let suppressing: [ConformanceCheck] = [
        ConformanceCheck("A profile, consent, merge, suppression or cancellation is noted before its call returns") {
            test in
            let driver = try await StoreDriver(test)
            let store = driver.store
            try await store.put([Profile(id: "ann"), Profile(id: "bob")])
            func requireNoted(_ keys: [KeyHash], _ change: () async throws -> Void) async throws {
                let mark = store.changes.mark
                try requireEqual(store.changes.hasChanged(keys, since: mark), false)
                try await change()
                try requireEqual(store.changes.hasChanged(keys, since: mark), true)
                try requireEqual(store.changes.hasChanged([.recipient("somebody else")], since: mark), false)
            }
            let number = Address(channel: .sms, value: "+33612345678")
            try await requireNoted([.recipient("ann")]) {
                try await store.put([Profile(id: "ann", addresses: [number])])
            }
            try await requireNoted([.recipient("ann")]) {
                let refusal = Consent(category: "news", granted: false, at: driver.time.now())
                _ = try await store.take([ConsentStatement(recipient: "ann", consent: refusal)])
            }
            try await requireNoted([number.subject]) {
                try await store.suppress([
                    Suppression(
                        subject: number.subject, label: number.masked, reason: .stopKeyword, source: "sms",
                        at: driver.time.now())
                ])
            }
            try await requireNoted([.recipient("bob"), .recipient("ann")]) {
                _ = try await store.merge("bob", into: "ann")
            }
            let sent = try await store.enqueue([Submission(draft: StoreDriver.draft("ann"))])
            guard case .accepted(let id)? = sent.first else {
                throw ConformanceFailure(description: "the message was not accepted")
            }
            try await requireNoted([.message(id)]) { _ = try await store.cancel(id) }
            try await requireNoted([.recipient("ann")]) { _ = try await store.erase("ann") }
        },
        ConformanceCheck("What was set and lifted stays in the history, each with its own word, also over a restart") {
            test in
            let driver = try await StoreDriver(test)
            let number = Address(channel: .sms, value: "+33612345678")
            let began = driver.time.now()
            func make(_ reason: Suppression.Reason, _ seconds: Int, _ evidence: String) -> Suppression {
                Suppression(
                    subject: number.subject, label: number.masked, reason: reason, category: "news", source: "sms:acme",
                    at: began + .seconds(seconds), evidence: evidence)
            }
            let bounce = make(.hardBounce, -1, "550")
            let stop = make(.stopKeyword, 0, "SMS: Stop")
            let again = make(.stopKeyword, 7, "SMS: STOP NOW")
            try await driver.store.suppress([bounce, stop])
            driver.time.set(began + .seconds(8))
            try await driver.store.suppress([again])
            // A repetition with the same content adds no entry, whatever its time.
            try await driver.store.suppress([make(.stopKeyword, 8, "SMS: STOP NOW")])
            try requireEqual(
                try await driver.store.lift(
                    subject: number.subject, channel: nil, category: nil, reason: .stopKeyword,
                    notAfter: began + .seconds(9),
                    by: SuppressionLifting(source: "sms", at: began + .seconds(9), evidence: "SMS: START")), 1)
            var start = stop
            start.source = "sms"
            start.at = began + .seconds(9)
            start.evidence = "SMS: START"

            let reopened = try await driver.reopened()
            let history = try await reopened.store.suppressionHistory(of: number.subject, before: nil, limit: 9)
            try requireEqual(history.map(\.change), [.lifted, .set, .set, .set])
            try requireEqual(history.map(\.suppression), [start, again, stop, bounce])
            try requireEqual(history.map(\.recordedAt), [8, 8, 0, 0].map { began + .seconds($0) })
            try requireEqual(try await reopened.store.suppressions(subject: number.subject, limit: 9), [bounce])
            // The next page of the history of all subjects.
            let page = try await reopened.store.suppressionHistory(of: nil, before: history[1].sequence, limit: 1)
            try requireEqual(page, [history[2]])
            await reopened.store.close()
        },
        ConformanceCheck("Lifting what is not there writes no history, and without a time it is told by the store's") {
            test in
            let driver = try await StoreDriver(test)
            let ann = KeyHash.recipient("ann")
            try requireEqual(try await driver.store.lift(subject: ann, channel: nil, category: nil, by: api), 0)
            try requireEqual(try await driver.store.suppressionHistory(of: nil, before: nil, limit: 9), [])
            let order = Suppression(
                subject: ann, label: "ann", reason: .manual, channel: .push, source: "api", at: driver.time.now())
            try await driver.store.suppress([order])
            let later = driver.time.now() + .seconds(60)
            driver.time.set(later)
            try requireEqual(try await driver.store.lift(subject: ann, channel: .email, category: nil, by: api), 0)
            try requireEqual(try await driver.store.lift(subject: ann, channel: .push, category: nil, by: api), 1)
            // The same suppression after it was lifted adds an entry.
            try await driver.store.suppress([order])
            let history = try await driver.store.suppressionHistory(of: ann, before: nil, limit: 9)
            try requireEqual(history.map(\.change), [.set, .lifted, .set])
            try requireEqual(history[1].suppression.at, later)
            try requireEqual(history.map(\.suppression.source), ["api", "api", "api"])
            await driver.store.close()
        },
    ]
}
