import SobreModel
import SobreStore

extension StoreConformance {
    static let recording: [ConformanceCheck] = [
        ConformanceCheck("An outcome is recorded once: a second record of the attempt changes nothing") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            driver.time.advance(by: .seconds(2))
            try requireEqual(try await driver.record(admitted, .sent, .sent), true)
            try requireEqual(try await driver.record(admitted, .notSent, .failed), false)
            try requireEqual(try await driver.store.history(of: id).map(\.state), [.queued, .attempting, .sent])
            let last = try await driver.store.history(of: id).last
            try requireEqual(last?.providerID, "id-1")
            try requireEqual(last?.at, driver.time.now())
            try requireEqual(try await driver.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
            await driver.store.close()
        },
        ConformanceCheck("A deferred delivery comes back with its attempts and its channel") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft(channels: [.sms, .email], priority: .low))[0]
            let admitted = try await driver.start()
            try await driver.record(admitted, .notSent, .deferred(Wait(.seconds(30))))
            try requireEqual(try await driver.claim().count, 0)
            try requireEqual(try await driver.total(.deferred), 1)
            driver.time.advance(by: .seconds(30))
            try requireEqual(try await driver.claim(channels: [.sms]).count, 0)
            let claimed = try await driver.claim(channels: [.email])
            try requireEqual(claimed.map(\.claim.delivery), [id.delivery(0)])
            try requireEqual(claimed.map(\.attempts), [1])
            try requireEqual(claimed.map(\.channel), [.email])
            try requireEqual(claimed.map(\.possibleDuplicate), [false])
            await driver.store.close()
        },
        ConformanceCheck("A second hand-over after an unknown outcome is marked all the way") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            try await driver.record(admitted, .unknown, .deferred(.none), possibleDuplicate: true)
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.possibleDuplicate), [true])
            _ = try await driver.admit(claimed)
            try requireEqual(try await driver.store.history(of: id).last?.possibleDuplicate, true)
            try requireEqual(try await driver.facts().ledger.map(\.state), [.committed, .reserved])
            await driver.store.close()
        },
        ConformanceCheck("Recording is not undone when the calling task is cancelled") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            let admitted = try await driver.start()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await driver.record(admitted, .sent, .sent)
            }
            try requireEqual(try await task.value, true)
            try requireEqual(try await driver.state(id.delivery(0)), .sent)
            await driver.store.close()
        },
        ConformanceCheck("Suppressions of an answer are in force with its record") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person()])
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let admitted = try await driver.start()
            let suppression = Suppression(
                subject: StoreDriver.person().addresses[0].subject, label: "a…@example.com", reason: .hardBounce,
                channel: .email, source: "provider:acme", at: driver.time.now())
            try await driver.record(admitted, .notSent, .failed, suppressions: [suppression])
            try requireEqual(
                try await driver.store.suppressionHistory(of: suppression.subject, before: nil, limit: 9)
                    .map(\.suppression), [suppression])
            _ = try await driver.admit(driver.claim()) { request, facts, now in
                facts.suppressions == [suppression]
                    ? AdmissionDecision(verdict: .drop(.suppressed), policyVersion: 3)
                    : StoreDriver.send(request, facts, now)
            }
            try requireEqual(try await driver.store.totals(), [.failed: 1, .dropped: 1])
            await driver.store.close()
        },
        ConformanceCheck("Attempts past their deadline are overdue until their outcome is recorded, oldest first") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(category: "transactional"), StoreDriver.draft())
            let first = try await driver.start()
            driver.time.advance(by: .seconds(5))
            let second = try await driver.start()
            try requireEqual(try await driver.store.overdueAttempts(limit: 10).count, 0)
            driver.time.advance(by: .seconds(25))
            let overdue = try await driver.store.overdueAttempts(limit: 10)
            try requireEqual(overdue.map(\.ledgerID), [first.ledgerID])
            try requireEqual(overdue[0].delivery, first.delivery)
            try requireEqual(overdue[0].category, "transactional")
            try requireEqual(overdue[0].provider, "acme")
            try requireEqual(overdue[0].attempt, 1)
            try requireEqual(overdue[0].channel, .email)
            try requireEqual(overdue[0].policyVersion, 3)
            try requireEqual(overdue[0].templateVersion, "v1")
            driver.time.advance(by: .seconds(5))
            try requireEqual(
                try await driver.store.overdueAttempts(limit: 10).map(\.ledgerID), [first.ledgerID, second.ledgerID])
            try requireEqual(try await driver.store.overdueAttempts(limit: 1).map(\.ledgerID), [first.ledgerID])
            try await driver.record(first, .unknown, .unknown)
            try requireEqual(try await driver.store.overdueAttempts(limit: 10).map(\.ledgerID), [second.ledgerID])
            await driver.store.close()
        },
    ]

    static let ledger: [ConformanceCheck] = [
        ConformanceCheck("An open attempt counts whatever its age") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft())
            let admitted = try await driver.start()
            driver.time.advance(by: StoreDriver.horizon + StoreDriver.horizon)
            let entries = try await driver.facts().ledger
            try requireEqual(entries.map(\.state), [.reserved])
            try requireEqual(entries[0].id, admitted.ledgerID)
            try requireEqual(entries[0].committedAt, nil)
            try requireEqual(entries[0].recipient, .recipient("ann"))
            await driver.store.close()
        },
        ConformanceCheck("A sent or unknown attempt counts from the time of its record until the horizon") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person()])
            for (proof, state) in [(Outcome.Proof.sent, NextState.sent), (.unknown, .unknown)] {
                var draft = StoreDriver.draft()
                if state == .unknown { (draft.tenant, draft.isTest) = ("shop", true) }
                try await driver.enqueue(draft)
                let admitted = try await driver.start()
                let reservedAt = driver.time.now()
                driver.time.advance(by: .seconds(20))
                let recordedAt = driver.time.now()
                try await driver.record(admitted, proof, state)
                let entry = try await driver.facts().ledger.last
                try requireEqual(entry?.state, .committed)
                try requireEqual(entry?.reservedAt, reservedAt)
                try requireEqual(entry?.committedAt, recordedAt)
                try requireEqual(
                    entry?.traits,
                    ContactTraits(
                        message: draft, channel: .email, dedupKey: KeyHash("key"), fingerprint: KeyHash("words")))
                try requireEqual(entry?.address, StoreDriver.person().addresses[0].subject)
                try requireEqual(entry?.delivery, admitted.delivery)
            }
            try requireEqual(try await driver.facts().ledger.count, 2)
            driver.time.advance(by: StoreDriver.horizon - .milliseconds(1))
            try requireEqual(try await driver.facts().ledger.count, 1)
            driver.time.advance(by: .milliseconds(1))
            try requireEqual(try await driver.facts().ledger.count, 0)
            await driver.store.close()
        },
        ConformanceCheck("A released attempt never counts") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft())
            let admitted = try await driver.start()
            try await driver.record(admitted, .notSent, .deferred(Wait(.seconds(1))))
            try requireEqual(try await driver.facts().ledger, [])
            await driver.store.close()
        },
        ConformanceCheck("A duplicate is seen while the first is in flight, and by its key afterwards") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let admitted = try await driver.start()
            let second = try await driver.claim()
            let decide: AdmissionDecider = { request, facts, now in
                let same = facts.ledger.filter { $0.traits.dedupKey == KeyHash("key") }
                if same.contains(where: { $0.state == .reserved }) {
                    return AdmissionDecision(
                        verdict: .hold(until: now + .seconds(1), .duplicateInFlight), policyVersion: 3)
                }
                return same.isEmpty
                    ? StoreDriver.send(request, facts, now)
                    : AdmissionDecision(verdict: .drop(.duplicate), policyVersion: 3)
            }
            _ = try await driver.admit(second, decide)
            try requireEqual(try await driver.total(.held), 1)
            try await driver.record(admitted, .sent, .sent)
            driver.time.advance(by: .seconds(1))
            _ = try await driver.admit(driver.claim(), decide)
            try requireEqual(try await driver.store.totals(), [.sent: 1, .dropped: 1])
            await driver.store.close()
        },
        ConformanceCheck("Two profiles with one mailbox are one person: each contact once, oldest first") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([
                StoreDriver.person("ann", email: "Family@Example.com"),
                StoreDriver.person("bob", email: "family@example.com"),
                StoreDriver.person("eve"),
            ])
            try await driver.enqueue(
                StoreDriver.draft("ann"), StoreDriver.draft("bob"), StoreDriver.draft("eve"), StoreDriver.draft("ann"))
            for _ in 0..<3 {
                let admitted = try await driver.start()
                driver.time.advance(by: .seconds(1))
                try await driver.record(admitted, .sent, .sent)
            }
            let last = try await driver.start()
            let ofAnn = try await driver.facts("ann").ledger
            let ofBob = try await driver.facts("bob").ledger
            try requireEqual(ofAnn.map(\.delivery), ofBob.map(\.delivery))
            // Each contact counts for both, and stands under the name of the one whose ledger it is.
            try requireEqual(ofAnn.map(\.recipient), Array(repeating: .recipient("ann"), count: 3))
            try requireEqual(ofBob.map(\.recipient), Array(repeating: .recipient("bob"), count: 3))
            try require((ofAnn + ofBob).allSatisfy(\.countsForHolder))
            try requireEqual(ofAnn.map(\.state), [.committed, .committed, .reserved])
            try requireEqual(ofAnn[2].id, last.ledgerID)
            try requireEqual(try await driver.facts("eve").ledger.count, 1)
            await driver.store.close()
        },
        ConformanceCheck("A changed address keeps the person's contacts") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([StoreDriver.person("ann", email: "old@example.com")])
            try await driver.enqueue(StoreDriver.draft("ann"))
            try await driver.record(driver.start(), .sent, .sent)
            try await driver.store.put([StoreDriver.person("ann", email: "new@example.com")])
            try requireEqual(try await driver.facts("ann").ledger.count, 1)
            await driver.store.close()
        },
        ConformanceCheck("A clock that steps back does not lose a contact, and never gives an earlier time") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft(), StoreDriver.draft())
            let at = driver.time.now()
            try await driver.record(driver.start(), .sent, .sent)
            driver.time.advance(by: .seconds(-7200))
            try requireEqual(try await driver.facts().ledger.count, 1)
            let admitted = try await driver.start()
            try requireEqual(admitted.admittedAt, at)
            try await driver.record(admitted, .sent, .sent)
            try requireEqual(try await driver.facts().ledger.map(\.committedAt), [at, at])
            await driver.store.close()
        },
    ]
}
