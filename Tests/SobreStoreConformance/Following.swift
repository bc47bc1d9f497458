import SobreModel
import SobreStore

extension StoreConformance {
    static let following: [ConformanceCheck] = [
        ConformanceCheck("The log is read forward and backward, page by page: every entry once, each person's in order")
        {
            test in
            let driver = try await StoreDriver(test)
            for index in 0..<5 { try await driver.enqueue(StoreDriver.draft("p\(index)")) }
            for _ in 0..<5 { try await driver.record(driver.start(), .sent, .sent) }
            let forward = try await driver.logForward(limit: 4)
            try requireEqual(forward.count, 15)
            try requireEqual(Set(forward.map(\.cursor)).count, 15)
            for index in 0..<5 {
                let own = forward.filter { $0.recipient == "p\(index)" }
                try requireEqual(own.map(\.entry.state), [.queued, .attempting, .sent])
                try requireEqual(own.map(\.entry.sequence), own.map(\.entry.sequence).sorted())
            }
            try requireEqual(try await driver.logBackward(limit: 4), forward.reversed())
            // Reading from an entry's cursor continues with the adjacent entry.
            let behind = try await driver.store.log(LogQuery(direction: .forward(after: forward[6].cursor), limit: 2))
            try requireEqual(behind.rows, Array(forward[7...8]))
            let before = try await driver.store.log(LogQuery(direction: .backward(before: forward[6].cursor), limit: 2))
            try requireEqual(before.rows, [forward[5], forward[4]])
            await driver.store.close()
        },
        ConformanceCheck("Pages of any size tell each delivery once, also if they begin within a message") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(
                StoreDriver.draft("ann", channels: [.email, .sms, .push], route: .all),
                StoreDriver.draft("ann", channels: [.sms, .push, .email], route: .escalate),
                StoreDriver.draft("ann", sendAt: driver.time.now() + .seconds(60)))
            try await driver.record(driver.start(), .sent, .sent)
            let all = try await driver.logForward(limit: 100)
            try requireEqual(
                all.map(\.entry.state),
                [.queued, .queued, .queued, .queued, .scheduled, .scheduled, .scheduled, .attempting, .sent])
            try requireEqual(all.map(\.entry.delivery.slot), [0, 1, 2, 0, 1, 2, 0, 0, 0])
            for limit in 1...all.count {
                try requireEqual(try await driver.logForward(limit: limit), all, "forward by \(limit)")
                try requireEqual(try await driver.logBackward(limit: limit), all.reversed(), "backward by \(limit)")
            }
            let scheduled = try await driver.store.log(LogQuery(direction: .forward(after: nil), states: [.scheduled]))
            try requireEqual(scheduled.rows, Array(all[4...6]))
            await driver.store.close()
        },
        ConformanceCheck("A follower gets every entry once, also those that are committed while it reads") { test in
            let driver = try await StoreDriver(test)
            let count = 200
            let followed = try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<8 {
                    group.addTask {
                        for index in 0..<count / 8 {
                            try await driver.enqueue(StoreDriver.draft("p\(writer)-\(index)"))
                        }
                    }
                }
                let rows = try await driver.follow(count)
                try await group.waitForAll()
                return rows
            }
            try requireEqual(Set(followed.map(\.recipient)).count, count)
            try requireEqual(followed, try await driver.logForward(limit: 1000))
            await driver.store.close()
        },
        ConformanceCheck("What a filter hides is passed over once, and what comes later is not") { test in
            let driver = try await StoreDriver(test)
            for _ in 0..<5 { try await driver.enqueue(StoreDriver.draft("ann")) }
            var query = LogQuery(direction: .forward(after: nil), limit: 3, recipient: "bob")
            let empty = try await driver.store.log(query)
            try requireEqual(empty.rows, [])
            try requireEqual(
                try await driver.store.log(LogQuery(direction: .forward(after: empty.next), limit: 3)).rows, [])
            try await driver.enqueue(StoreDriver.draft("bob"), StoreDriver.draft("ann"))
            query.direction = .forward(after: empty.next)
            let later = try await driver.store.log(query)
            try requireEqual(later.rows.map(\.recipient), ["bob"])
            query.direction = .forward(after: later.next)
            try requireEqual(try await driver.store.log(query).rows, [])
            await driver.store.close()
        },
        ConformanceCheck("From the end of a page only later entries follow, whatever the page holds") { test in
            let driver = try await StoreDriver(test)
            let start = try await driver.store.log(LogQuery(limit: 1))
            try requireEqual(start.rows, [])
            try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("ann"), StoreDriver.draft("ann"))
            let newest = try await driver.store.log(LogQuery(limit: 1))
            let hidden = try await driver.store.log(LogQuery(limit: 1, recipient: "bob"))
            let none = try await driver.store.log(LogQuery(direction: .forward(after: nil), limit: 0))
            try requireEqual(none.rows, [])
            let last = try await driver.enqueue(StoreDriver.draft("ann"))[0]
            for end in [newest.end, hidden.end, none.end] {
                let rows = try await driver.store.log(LogQuery(direction: .forward(after: end))).rows
                try requireEqual(rows.map(\.entry.delivery.message), [last])
            }
            // A page with limit 0 does not move the cursor.
            let all = try await driver.store.log(LogQuery(direction: .forward(after: none.next)))
            try requireEqual(all.rows.count, 4)
            try requireEqual(try await driver.store.log(LogQuery(direction: .forward(after: start.end))).rows.count, 4)
            await driver.store.close()
        },
        ConformanceCheck("A cursor outlives a restart as text, and one of another store is refused") { test in
            let driver = try await StoreDriver(test)
            try await driver.enqueue(StoreDriver.draft("ann"))
            let place = try await driver.store.log(LogQuery(direction: .forward(after: nil))).next
            let kept = try requireSome(LogCursor(place.description))
            let again = try await driver.reopened()
            try await again.enqueue(StoreDriver.draft("bob"))
            let rows = try await again.store.log(LogQuery(direction: .forward(after: kept))).rows
            try requireEqual(rows.map(\.recipient), ["bob"])
            let foreign = try requireSome(LogCursor("~not-of-this-store~"))
            for direction in [LogQuery.Direction.forward(after: foreign), .backward(before: foreign)] {
                do {
                    _ = try await again.store.log(LogQuery(direction: direction))
                    throw ConformanceFailure(description: "a cursor of another store was taken")
                } catch let error as StoreError {
                    try requireEqual(error.code, .cursor)
                }
            }
            await again.store.close()
        },
    ]
}

extension StoreDriver {
    /// The first `count` entries of the log, read while they are written.
    func follow(_ count: Int) async throws -> [LogRow] {
        var rows: [LogRow] = []
        var place: LogCursor?
        // Bounded, because a follower that skipped an entry would wait forever.
        for _ in 0..<100_000 where rows.count < count {
            let page = try await store.log(LogQuery(direction: .forward(after: place), limit: 7))
            rows += page.rows
            place = page.next
        }
        return rows
    }

    /// The whole log forward, in pages.
    func logForward(limit: Int) async throws -> [LogRow] {
        var rows: [LogRow] = []
        var place: LogCursor?
        while true {
            let page = try await store.log(LogQuery(direction: .forward(after: place), limit: limit))
            if page.rows.isEmpty { return rows }
            rows += page.rows
            place = page.next
        }
    }

    /// The whole log backward, in pages.
    func logBackward(limit: Int) async throws -> [LogRow] {
        var rows: [LogRow] = []
        var place: LogCursor?
        while true {
            let page = try await store.log(LogQuery(direction: .backward(before: place), limit: limit))
            if page.rows.isEmpty { return rows }
            rows += page.rows
            place = page.next
        }
    }
}
