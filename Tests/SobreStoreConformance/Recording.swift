import SobreModel
import SobreStore

extension StoreConformance {
    static let recording: [ConformanceCheck] = [
        ConformanceCheck("An outcome is recorded once: a second record of the attempt changes nothing") { test in
            let line = try await Line(test)
            let id = try await line.enqueue(Line.draft())[0]
            let ticket = try await line.start()
            line.time.advance(by: .seconds(2))
            try requireEqual(try await line.record(ticket, .sent, .sent), true)
            try requireEqual(try await line.record(ticket, .notSent, .failed), false)
            try requireEqual(try await line.store.history(of: id).map(\.state), [.queued, .attempting, .sent])
            let last = try await line.store.history(of: id).last
            try requireEqual(last?.providerID, "id-1")
            try requireEqual(last?.at, line.time.now())
            try requireEqual(try await line.store.depth(), QueueDepth(waiting: 0, claimed: 0, inFlight: 0))
            await line.store.close()
        },
        ConformanceCheck("A deferred delivery comes back with its attempts and its channel") { test in
            let line = try await Line(test)
            let id = try await line.enqueue(Line.draft(channels: [.sms, .email], priority: .low))[0]
            let ticket = try await line.start()
            try await line.record(ticket, .notSent, .deferred, dueIn: .seconds(30))
            try requireEqual(try await line.claim().count, 0)
            try requireEqual(try await line.total(.deferred), 1)
            line.time.advance(by: .seconds(30))
            try requireEqual(try await line.claim(channels: [.sms]).count, 0)
            let claimed = try await line.claim(channels: [.email])
            try requireEqual(claimed.map(\.claim.delivery), [id.delivery(0)])
            try requireEqual(claimed.map(\.attempts), [1])
            try requireEqual(claimed.map(\.channel), [.email])
            try requireEqual(claimed.map(\.possibleDuplicate), [false])
            await line.store.close()
        },
        ConformanceCheck("A second hand-over after an unknown outcome is marked all the way") { test in
            let line = try await Line(test)
            let id = try await line.enqueue(Line.draft())[0]
            let ticket = try await line.start()
            try await line.record(ticket, .unknown, .deferred, dueIn: .zero, possibleDuplicate: true)
            let claimed = try await line.claim()
            try requireEqual(claimed.map(\.possibleDuplicate), [true])
            _ = try await line.admit(claimed)
            try requireEqual(try await line.store.history(of: id).last?.possibleDuplicate, true)
            try requireEqual(try await line.facts().ledger.map(\.state), [.spent, .open])
            await line.store.close()
        },
        ConformanceCheck("Recording is not undone when the calling task is cancelled") { test in
            let line = try await Line(test)
            let id = try await line.enqueue(Line.draft())[0]
            let ticket = try await line.start()
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await line.record(ticket, .sent, .sent)
            }
            try requireEqual(try await task.value, true)
            try requireEqual(try await line.state(id.delivery(0)), .sent)
            await line.store.close()
        },
        ConformanceCheck("Suppressions of an answer are in force with its record") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person()])
            try await line.enqueue(Line.draft(), Line.draft())
            let ticket = try await line.start()
            let suppression = Suppression(
                subject: Line.person().addresses[0].subject, label: "a…@example.com", reason: .hardBounce,
                channel: .email, source: "provider:acme", at: line.time.now())
            try await line.record(ticket, .notSent, .failed, suppressions: [suppression])
            try requireEqual(
                try await line.store.suppressionHistory(of: suppression.subject, before: nil, limit: 9)
                    .map(\.suppression), [suppression])
            _ = try await line.admit(line.claim()) { candidate, facts, now in
                facts.suppressions == [suppression]
                    ? AdmissionDecision(verdict: .drop(.suppressed), policyVersion: 3)
                    : Line.send(candidate, facts, now)
            }
            try requireEqual(try await line.store.totals(), [.failed: 1, .dropped: 1])
            await line.store.close()
        },
        ConformanceCheck("Attempts past their deadline are overdue until their outcome is recorded, oldest first") {
            test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft(category: "transactional"), Line.draft("b"))
            let first = try await line.start()
            line.time.advance(by: .seconds(5))
            let second = try await line.start()
            try requireEqual(try await line.store.overdueAttempts(limit: 10).count, 0)
            line.time.advance(by: .seconds(25))
            let overdue = try await line.store.overdueAttempts(limit: 10)
            try requireEqual(overdue.map(\.ledgerID), [first.ledgerID])
            try requireEqual(overdue[0].delivery, first.delivery)
            try requireEqual(overdue[0].category, "transactional")
            try requireEqual(overdue[0].provider, "acme")
            try requireEqual(overdue[0].attempt, 1)
            try requireEqual(overdue[0].channel, .email)
            try requireEqual(overdue[0].policyVersion, 3)
            try requireEqual(overdue[0].templateVersion, "v1")
            line.time.advance(by: .seconds(5))
            try requireEqual(
                try await line.store.overdueAttempts(limit: 10).map(\.ledgerID), [first.ledgerID, second.ledgerID])
            try requireEqual(try await line.store.overdueAttempts(limit: 1).map(\.ledgerID), [first.ledgerID])
            try await line.record(first, .unknown, .unknown)
            try requireEqual(try await line.store.overdueAttempts(limit: 10).map(\.ledgerID), [second.ledgerID])
            await line.store.close()
        },
    ]

    static let ledger: [ConformanceCheck] = [
        ConformanceCheck("An open attempt counts whatever its age") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft())
            let ticket = try await line.start()
            line.time.advance(by: Line.horizon + Line.horizon)
            let entries = try await line.facts().ledger
            try requireEqual(entries.map(\.state), [.open])
            try requireEqual(entries[0].id, ticket.ledgerID)
            try requireEqual(entries[0].spentAt, nil)
            try requireEqual(entries[0].recipient, .recipient("ann"))
            await line.store.close()
        },
        ConformanceCheck("A sent or unknown attempt counts from the time of its record until the horizon") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person()])
            for (proof, state) in [(Outcome.Proof.sent, DeliveryState.sent), (.unknown, .unknown)] {
                var draft = Line.draft()
                if state == .unknown { (draft.tenant, draft.isTest) = ("shop", true) }
                try await line.enqueue(draft)
                let ticket = try await line.start()
                let openedAt = line.time.now()
                line.time.advance(by: .seconds(20))
                let recordedAt = line.time.now()
                try await line.record(ticket, proof, state)
                let entry = try await line.facts().ledger.last
                try requireEqual(entry?.state, .spent)
                try requireEqual(entry?.openedAt, openedAt)
                try requireEqual(entry?.spentAt, recordedAt)
                try requireEqual(
                    entry?.traits,
                    ContactTraits(
                        message: draft, channel: .email, dedupKey: Symbol("key"), fingerprint: Symbol("words")))
                try requireEqual(entry?.address, Line.person().addresses[0].subject)
                try requireEqual(entry?.delivery, ticket.delivery)
            }
            try requireEqual(try await line.facts().ledger.count, 2)
            line.time.advance(by: Line.horizon - .milliseconds(1))
            try requireEqual(try await line.facts().ledger.count, 1)
            line.time.advance(by: .milliseconds(1))
            try requireEqual(try await line.facts().ledger.count, 0)
            await line.store.close()
        },
        ConformanceCheck("A released attempt never counts") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft())
            let ticket = try await line.start()
            try await line.record(ticket, .notSent, .deferred, dueIn: .seconds(1))
            try requireEqual(try await line.facts().ledger, [])
            await line.store.close()
        },
        ConformanceCheck("A duplicate is seen while the first is in flight, and by its key afterwards") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft(), Line.draft())
            let ticket = try await line.start()
            let second = try await line.claim()
            let decide: AdmissionDecider = { candidate, facts, now in
                let same = facts.ledger.filter { $0.traits.dedupKey == Symbol("key") }
                if same.contains(where: { $0.state == .open }) {
                    return AdmissionDecision(
                        verdict: .hold(until: now + .seconds(1), .duplicateInFlight), policyVersion: 3)
                }
                return same.isEmpty
                    ? Line.send(candidate, facts, now) : AdmissionDecision(verdict: .drop(.duplicate), policyVersion: 3)
            }
            _ = try await line.admit(second, decide)
            try requireEqual(try await line.total(.held), 1)
            try await line.record(ticket, .sent, .sent)
            line.time.advance(by: .seconds(1))
            _ = try await line.admit(line.claim(), decide)
            try requireEqual(try await line.store.totals(), [.sent: 1, .dropped: 1])
            await line.store.close()
        },
        ConformanceCheck("Two profiles with one mailbox are one person: each contact once, oldest first") { test in
            let line = try await Line(test)
            try await line.store.put([
                Line.person("ann", email: "Family@Example.com"), Line.person("bob", email: "family@example.com"),
                Line.person("eve"),
            ])
            try await line.enqueue(Line.draft("ann"), Line.draft("bob"), Line.draft("eve"), Line.draft("ann"))
            for _ in 0..<3 {
                let ticket = try await line.start()
                line.time.advance(by: .seconds(1))
                try await line.record(ticket, .sent, .sent)
            }
            let last = try await line.start()
            let ofAnn = try await line.facts("ann").ledger
            try requireEqual(ofAnn, try await line.facts("bob").ledger)
            try requireEqual(ofAnn.map(\.recipient), [.recipient("ann"), .recipient("bob"), .recipient("ann")])
            try requireEqual(ofAnn.map(\.state), [.spent, .spent, .open])
            try requireEqual(ofAnn[2].id, last.ledgerID)
            try requireEqual(try await line.facts("eve").ledger.count, 1)
            await line.store.close()
        },
        ConformanceCheck("A changed address keeps the person's contacts") { test in
            let line = try await Line(test)
            try await line.store.put([Line.person("ann", email: "old@example.com")])
            try await line.enqueue(Line.draft("ann"))
            try await line.record(line.start(), .sent, .sent)
            try await line.store.put([Line.person("ann", email: "new@example.com")])
            try requireEqual(try await line.facts("ann").ledger.count, 1)
            await line.store.close()
        },
        ConformanceCheck("A clock that steps back does not lose a contact, and never gives an earlier time") { test in
            let line = try await Line(test)
            try await line.enqueue(Line.draft(), Line.draft())
            let at = line.time.now()
            try await line.record(line.start(), .sent, .sent)
            line.time.advance(by: .seconds(-7200))
            try requireEqual(try await line.facts().ledger.count, 1)
            let ticket = try await line.start()
            try requireEqual(ticket.admittedAt, at)
            try await line.record(ticket, .sent, .sent)
            try requireEqual(try await line.facts().ledger.map(\.spentAt), [at, at])
            await line.store.close()
        },
    ]
}
