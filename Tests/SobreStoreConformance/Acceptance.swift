import SobreModel
import SobreStore

extension StoreConformance {
    static let acceptance: [ConformanceCheck] = [
        ConformanceCheck("An accepted message can be read back with everything it was given") { test in
            let driver = try await StoreDriver(test)
            let draft = MessageDraft(
                recipient: "zoë", template: "hello", campaign: "c", journey: "j", category: "news", topic: "t",
                tags: ["a/b", "c"], channels: Channel.allCases.reversed(), route: .all, priority: .high,
                sendAt: driver.time.now() + .seconds(5), expiresAt: driver.time.now() + .seconds(50), dedupKey: "d",
                data: Array(#"{"n":[1,2]}"#.utf8))
            let id = try await driver.enqueue(draft)[0]
            let message = try await driver.store.message(id)
            try requireEqual(message?.draft, draft)
            try requireEqual(message?.acceptedAt, driver.time.now())
            let bare = MessageDraft(recipient: "b", template: "t", channels: [.sms], data: [])
            let other = try await driver.enqueue(bare)[0]
            try requireEqual(try await driver.store.message(other)?.draft, bare)
            try requireEqual(try await driver.store.message(MessageID(rawValue: 1 << 30)), nil)
            await driver.store.close()
        },
        ConformanceCheck("What few messages ask for can be read back, also after a restart") { test in
            let driver = try await StoreDriver(test)
            var drafts = [
                MessageDraft(
                    recipient: "a", template: "t", channels: [.email, .sms], route: .escalate,
                    escalation: Escalation(after: .seconds(3_661), until: .converted), bestTimeWithin: .seconds(10_800),
                    tenant: "shop \"é\"", isTest: true, capFlags: CapFlags(obeys: false, counts: true, by: "key:x")),
                MessageDraft(recipient: "b", template: "t", channels: [.email], route: .best),
            ]
            drafts.append(drafts[1])
            drafts[2].capFlags = CapFlags(obeys: true, counts: false, by: "")
            var ids: [MessageID] = []
            for draft in drafts { ids.append(try await driver.enqueue(draft)[0]) }
            for (id, draft) in zip(ids, drafts) { try requireEqual(try await driver.store.message(id)?.draft, draft) }
            let again = try await driver.reopened()
            for (id, draft) in zip(ids, drafts) { try requireEqual(try await again.store.message(id)?.draft, draft) }
            await again.store.close()
        },
        ConformanceCheck("Results come in the order of the submissions, and ids grow") { test in
            let driver = try await StoreDriver(test)
            let ids = try await driver.enqueue(StoreDriver.draft("a"), StoreDriver.draft("b"), StoreDriver.draft("c"))
            try requireEqual(ids, ids.sorted())
            try requireEqual(Set(ids).count, 3)
            try requireEqual(try await driver.store.message(ids[1])?.recipient, "b")
            await driver.store.close()
        },
        ConformanceCheck("The same key and request gives the first message again; another request is a conflict") {
            test in
            let driver = try await StoreDriver(test)
            let first = Submission(draft: StoreDriver.draft(), idempotencyKey: "k", requestHash: KeyHash("one"))
            let other = Submission(draft: StoreDriver.draft("bob"), idempotencyKey: "k", requestHash: KeyHash("two"))
            let results = try await driver.store.enqueue([first, first, other])
            guard case .accepted(let id) = results[0] else { throw ConformanceFailure(description: "\(results)") }
            try requireEqual(results, [.accepted(id), .replayed(id), .conflict(id)])
            try requireEqual(try await driver.store.enqueue([other, first]), [.conflict(id), .replayed(id)])
            try requireEqual(try await driver.total(.queued), 1)
            let again = try await driver.reopened()
            try requireEqual(try await again.store.enqueue([first]), [.replayed(id)])
            await again.store.close()
        },
        ConformanceCheck("Of many tasks that submit one key at once, one is accepted") { test in
            let driver = try await StoreDriver(test)
            let submission = Submission(draft: StoreDriver.draft(), idempotencyKey: "k", requestHash: KeyHash("one"))
            let results = try await withThrowingTaskGroup(of: [SubmissionResult].self) { group in
                for _ in 0..<32 { group.addTask { try await driver.store.enqueue([submission]) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let accepted = results.filter { if case .accepted = $0 { true } else { false } }
            try requireEqual(accepted.count, 1)
            guard case .accepted(let id) = accepted[0] else { return }
            try require(results.allSatisfy { $0 == .accepted(id) || $0 == .replayed(id) })
            try requireEqual(try await driver.store.depth().waiting, 1)
            await driver.store.close()
        },
        ConformanceCheck("A message that goes all ways becomes one delivery a channel; else it is one") { test in
            let driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft(channels: [.sms, .email], route: .all))[0]
            let claimed = try await driver.claim()
            try requireEqual(claimed.map(\.claim.delivery), [id.delivery(0), id.delivery(1)])
            try requireEqual(claimed.map { $0.message.plan(of: $0.claim.delivery) }, [[.sms], [.email]])
            let one = try await driver.enqueue(StoreDriver.draft(channels: [.sms, .email]))[0]
            try requireEqual(try await driver.claim().map(\.claim.delivery), [one.delivery(0)])
            await driver.store.close()
        },
        ConformanceCheck("A message for later is scheduled and becomes due at its time, not before") { test in
            let driver = try await StoreDriver(test)
            let at = driver.time.now() + .seconds(60)
            let id = try await driver.enqueue(StoreDriver.draft(sendAt: at))[0]
            try requireEqual(try await driver.state(id.delivery(0)), .scheduled)
            try requireEqual(try await driver.store.nextDueAt(), at)
            driver.time.advance(by: .milliseconds(59_999))
            try requireEqual(try await driver.claim().count, 0)
            driver.time.advance(by: .milliseconds(1))
            try requireEqual(try await driver.claim().map(\.dueAt), [at])
            await driver.store.close()
        },
    ]
}
