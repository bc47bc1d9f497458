import JSON
import SobreModel
import SobreSQLite
import SobreStore
import SobreStoreConformance
import Synchronization
import Testing

@testable import SobreNode
@testable import SobreSettings

/// Webhooks over the real store and real connections, to receivers that are down, slow, or do not tell the truth.
@Suite("Events to receivers", .serialized) struct EventFeedTests {
    /// Fails to save now and then, as a process that is killed between the answer and the record.
    private struct Crashing: StoreProxy {
        let inner: any Store
        let crashes: @Sendable () -> Bool

        func save(_ state: EventSubscriptionState) async throws(StoreError) -> Bool {
            if crashes() { throw StoreError(.closed, "killed") }
            return try await inner.save(state)
        }
    }

    @Test func `Down for ten minutes, with errors and crashes: every event at least once, in order, without a gap`()
        async throws
    {
        try await EventBench.run { bench in
            bench.limits.batch = 7
            let dice = Mutex(SeededDice(seed: 11))
            let isDown = Mutex(false)
            bench.receiver.act { _ in
                if isDown.withLock({ $0 }) { return .answer(503) }
                let throwOf = dice.withLock { $0.next(100) }
                return throwOf < 3 ? .answer(500) : throwOf < 5 ? .reset : .answer(200)
            }
            let store = Crashing(inner: bench.store) { dice.withLock { $0.next(100) } < 10 }
            var feed = try bench.feed(over: store)
            let people = (0..<9).map { "p\($0)" }
            let start = bench.time.now()
            var crashes = 0
            for round in 0..<130 {
                let second = round * 10
                isDown.withLock { $0 = (300..<900).contains(second) }
                let ids = try await bench.enqueue(people)
                if round % 3 == 0 { try await bench.cancel(ids) }
                for _ in 0..<6 {
                    do {
                        _ = try await feed.step()
                    } catch {
                        crashes += 1
                        feed = try bench.feed(over: store)
                    }
                }
                bench.time.set(start + .seconds(second + 10))
            }
            isDown.withLock { $0 = false }
            bench.receiver.act { _ in .answer(200) }
            feed = try bench.feed()
            for _ in 0..<40 {
                try await bench.drain(&feed)
                bench.time.advance(by: .seconds(60))
            }
            var reader = CheckingReader()
            for request in bench.receiver.requests { try reader.take(request) }
            let log = try await bench.log()
            #expect(reader.events.map(\.cursor) == log.map(\.cursor.description))
            #expect(Set(reader.events.map(\.id)).count == log.count)
            #expect(log.count > 1_500)
            #expect(crashes > 3 && reader.repeated > 50)
        }
    }

    @Test func `A reset after receipt, a late 200 and an answer that is too large: the same request again`()
        async throws
    {
        try await EventBench.run { bench in
            let lies: [ScriptedReceiver.Action] = [
                .reset, .delay(milliseconds: 600),
                .answer(200, body: String(repeating: "x", count: bench.limits.maxAnswerBytes + 1)),
            ]
            for lie in lies {
                try await bench.enqueue(["ann"])
                var feed = try bench.feed()
                bench.receiver.act { _ in lie }
                #expect(try await feed.step() == .zero)
                let failed = try await bench.state
                #expect(failed.tries == 1 && failed.lastError != "")
                // What happens meanwhile does not change the request.
                try await bench.enqueue(["bob"])
                bench.receiver.act { _ in .answer(200) }
                bench.time.advance(by: .seconds(2))
                #expect(try await feed.step() == .zero)
                let last = bench.receiver.requests.suffix(2).map { $0 }
                #expect(last[0].headers["webhook-id"] == last[1].headers["webhook-id"])
                #expect(last[0].body == last[1].body)
                #expect(last[0].headers["webhook-timestamp"] != last[1].headers["webhook-timestamp"])
                #expect(try await bench.state.failingSince == nil)
                try await bench.drain(&feed)
            }
            var reader = CheckingReader()
            for request in bench.receiver.requests { try reader.take(request) }
            #expect(reader.events.map(\.recipient) == ["ann", "bob", "ann", "bob", "ann", "bob"])
            #expect(reader.repeated == 3)
        }
    }

    @Test func `A redirect is not followed, and says what to do`() async throws {
        try await EventBench.run { bench in
            try await bench.enqueue(["ann"])
            var feed = try bench.feed()
            bench.receiver.act { [port = bench.receiver.port] _ in
                .answer(307, headers: "Location: http://127.0.0.1:\(port)/other\r\n")
            }
            _ = try await feed.step()
            #expect(bench.receiver.requests.count == 1)
            let state = try await bench.state
            #expect(state.lastError.contains("307") && state.lastError.contains("Redirects are not followed"))
            #expect(state.position == nil && state.delivered == 0)
        }
    }

    @Test func `410 pauses the subscription, and what waits is sent when it is resumed`() async throws {
        try await EventBench.run { bench in
            try await bench.enqueue(["ann", "bob"])
            var feed = try bench.feed()
            bench.receiver.act { _ in .answer(410) }
            _ = try await feed.step()
            bench.receiver.act { _ in .answer(200) }
            bench.time.advance(by: .seconds(3_600))
            #expect(try await feed.step() == bench.limits.interval)
            #expect(bench.receiver.requests.count == 1)
            let paused = try await bench.state
            #expect(paused.pausedBy == "sobre" && paused.pauseReason.contains("410"))
            _ = try await bench.store.carryOut(.resume, on: "s")
            try await bench.drain(&feed)
            #expect(try await bench.state.delivered == 2)
        }
    }

    @Test func `A receiver that fails for a day is paused, its waits double up to the most, and nothing is lost`()
        async throws
    {
        try await EventBench.run { bench in
            try await bench.enqueue(["ann"])
            var feed = try bench.feed()
            bench.receiver.act { _ in .answer(503) }
            var tries: [Instant] = []
            while try await bench.store.eventSubscriptions().first?.pausedSince == nil {
                _ = try await feed.step()
                if bench.receiver.requests.count > tries.count { tries.append(bench.time.now()) }
                bench.time.advance(by: .milliseconds(tries.count < 8 ? 200 : 20_000))
            }
            let waits = zip(tries, tries.dropFirst()).map { $1 - $0 }
            let state = try await bench.state
            let failingSince = try #require(state.failingSince)
            #expect(try #require(state.pausedSince) - failingSince >= bench.limits.retryFor)
            #expect(try #require(state.pausedSince) - failingSince < bench.limits.retryFor + .seconds(340))
            #expect((Duration.milliseconds(800)...(.milliseconds(1_400))).contains(waits[0]), "\(waits[0])")
            #expect((Duration.seconds(12)...(.seconds(20))).contains(waits[4]), "\(waits[4])")
            #expect(
                waits.allSatisfy { $0 <= bench.limits.maxBackoff + .seconds(5) } && (290..<330).contains(waits.count))
            #expect(state.pauseReason.contains("503") && state.position == nil)
            bench.receiver.act { _ in .answer(200) }
            _ = try await bench.store.carryOut(.resume, on: "s")
            try await bench.drain(&feed)
            #expect(try await bench.state.delivered == 1)
        }
    }

    @Test func `Retry-After is obeyed up to the longest wait`() async throws {
        try await EventBench.run { bench in
            try await bench.enqueue(["ann"])
            for (asked, least, most) in [("30", 29, 31), ("99999", 299, 301)] {
                var feed = try bench.feed()
                bench.receiver.act { _ in .answer(429, headers: "Retry-After: \(asked)\r\n") }
                _ = try await feed.step()
                let count = bench.receiver.requests.count
                bench.time.advance(by: .seconds(least))
                #expect(try await feed.step() > .zero)
                #expect(bench.receiver.requests.count == count)
                bench.time.advance(by: .seconds(most - least))
                #expect(try await feed.step() == .zero)
                #expect(bench.receiver.requests.count == count + 1)
            }
        }
    }

    @Test func `A replay sends the same events under another request id, after the cursor that is given`() async throws
    {
        try await EventBench.run { bench in
            try await bench.enqueue(["ann", "bob", "cy"])
            var feed = try bench.feed()
            try await bench.drain(&feed)
            let cursor = try #require(try await bench.log().first).cursor
            _ = try await bench.store.carryOut(.replay(after: cursor), on: "s")
            try await bench.drain(&feed)
            _ = try await bench.store.carryOut(.replay(after: nil), on: "s")
            try await bench.drain(&feed)
            let requests = bench.receiver.requests
            #expect(requests.count == 3)
            #expect(Set(requests.map { $0.headers["webhook-id"] }).count == 3)
            let data = try requests.map { try JSONDocument.parse($0.body).root["data"] }
            #expect(
                data.map { $0?["events"]?.elements.compactMap { $0["recipient"]?.string } }
                    == [["ann", "bob", "cy"], ["bob", "cy"], ["ann", "bob", "cy"]])
            #expect(data.map { $0?["previous"]?.string } == [nil, cursor.description, nil])
        }
    }

    @Test func `A subscription gets what its filter names, and passes the rest`() async throws {
        try await EventBench.run { bench in
            bench.settings = ", campaign: [spring, summer], events: [queued, cancelled]"
            bench.limits.page = 3
            bench.limits.saveInterval = .zero
            for _ in 0..<5 { try await bench.enqueue(["ann"], campaign: "winter") }
            try await bench.cancel(try await bench.enqueue(["bob"], campaign: "summer"))
            for _ in 0..<5 { try await bench.enqueue(["cy"]) }
            var feed = try bench.feed()
            try await bench.drain(&feed)
            var reader = CheckingReader()
            for request in bench.receiver.requests { try reader.take(request) }
            #expect(reader.events.map(\.recipient) == ["bob", "bob"])
            #expect(reader.events.map(\.state) == ["queued", "cancelled"])
            #expect(try await bench.state.position == bench.log().last?.cursor)
        }
    }

    @Test func `Requests keep to their bounds, and one event is sent even when it is larger`() async throws {
        try await EventBench.run { bench in
            bench.limits.maxBatchBytes = 1_024
            try await bench.enqueue((0..<20).map { "p\($0)" } + [String(repeating: "x", count: 190)])
            var feed = try bench.feed()
            try await bench.drain(&feed)
            let counts = try bench.receiver.requests.map {
                try #require(try JSONDocument.parse($0.body).root["data"]?["events"]).elements.reduce(0) { count, _ in
                    count + 1
                }
            }
            #expect(counts.reduce(0, +) == 21 && counts.count > 4)
            #expect(bench.receiver.requests.allSatisfy { $0.body.count < 1_024 + 300 })
            bench.limits.maxBatchBytes = 10
            _ = try await bench.store.carryOut(.replay(after: nil), on: "s")
            feed = try bench.feed()
            try await bench.drain(&feed)
            #expect(bench.receiver.requests.count == counts.count + 21)
        }
    }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SeededDice {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A number below `bound`.
    mutating func next(_ bound: UInt64) -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state >> 33) % bound
    }
}
