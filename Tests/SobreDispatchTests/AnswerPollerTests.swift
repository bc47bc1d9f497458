import Logging
import SobreDelivery
import SobreDispatch
import SobreModel
import SobreSQLite
import SobreSettings
import SobreStore
import Synchronization
import Testing

/// Asking providers for the fate of messages, over the real store.
@Suite("Asking for the fate of messages") struct AnswerPollerTests {
    private final class Push {
        let provider = ScriptedProvider("push", .push, .accepted)
        let polls = ScriptedPolls("push")

        init() {
            for name in ["token-of-ann", "tablet-of-ann", "watch-of-ann"] { provider.answer(name, .accepted) }
        }

        func run(_ body: (DispatchBench) async throws -> Void) async throws {
            try await DispatchBench.run(
                [PolledProvider(provider: provider, polls: polls)],
                limits: CallLimits(rate: nil, burst: 1, concurrency: 512), body)
        }

        /// Asks for what is due, and applies what was answered. Returns the time until the next question.
        @discardableResult
        func ask(_ bench: DispatchBench, configured: Bool = true) async throws -> Duration? {
            var logger = Logger(label: "poll-test")
            logger.logLevel = .critical
            let providers: [String: any PollingProvider] = configured ? ["push": polls] : [:]
            let poller = AnswerPoller(
                store: bench.store, providers: { providers }, transport: PromptTransport(),
                limits: ReceiptLimits(), time: bench.time, logger: logger, onReceipts: {})
            let next = try await poller.pollOnce()
            let processor = ReceiptProcessor(
                store: bench.store, policy: ReceiptPolicy { _, _ in nil }, limits: ReceiptLimits(), time: bench.time,
                logger: logger)
            try await processor.processOnce()
            return next
        }
    }

    private static let token = DispatchBench.ann.address(on: .push)!
    private static func suppressed(_ bench: DispatchBench, _ token: String) async throws -> [Suppression.Reason] {
        let subject = Address(channel: .push, value: token).subject
        return try await bench.store.suppressions(subject: subject, limit: 10).map(\.reason)
    }

    @Test func `a device is removed on the provider's later word alone`() async throws {
        let push = Push()
        try await push.run { bench in
            let id = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(try await bench.last(id).state == .sent)
            #expect(try await push.ask(bench) == .seconds(900))
            #expect(push.polls.asked.isEmpty)
            bench.time.advance(by: .seconds(900))
            #expect(try await push.ask(bench) == nil)
            #expect(push.polls.asked == [["push-token-of-ann"]])
            #expect(try await Self.suppressed(bench, "token-of-ann").isEmpty)
            push.polls.set("push-token-of-ann", .reported(.bouncedHard, detail: "DeviceNotRegistered"))
            #expect(try await push.ask(bench) == .seconds(900))
            bench.time.advance(by: .seconds(900))
            #expect(try await push.ask(bench) == nil)
            #expect(push.polls.asked.count == 2)
            let last = try await bench.last(id)
            #expect(last.state == .bounced && last.detail == "DeviceNotRegistered")
            #expect(try await Self.suppressed(bench, "token-of-ann") == [.invalidToken])
        }
    }

    @Test func `of several devices the dead one alone is removed, and the message stays sent`() async throws {
        let push = Push()
        try await push.run { bench in
            try await bench.store.put([DispatchBench.annWithDevices])
            let id = try await bench.enqueue(channels: [.push])
            try await bench.work()
            push.polls.set("push-token-of-ann", .reported(.sent, detail: "ok"))
            push.polls.set("push-tablet-of-ann", .reported(.bouncedHard, detail: "DeviceNotRegistered"))
            push.polls.set("push-watch-of-ann", .reported(.failed, detail: "MessageTooBig"))
            bench.time.advance(by: .seconds(900))
            try await push.ask(bench)
            #expect(push.polls.asked.map(\.count) == [2, 1])
            #expect(Set(push.polls.asked.joined()).count == 3)
            #expect(try await bench.last(id).state == .sent)
            #expect(try await Self.suppressed(bench, "tablet-of-ann") == [.invalidToken])
            for other in ["token-of-ann", "watch-of-ann"] {
                #expect(try await Self.suppressed(bench, other).isEmpty, "\(other)")
            }
            #expect(try await bench.store.receipts(of: id, limit: 9).map(\.standing) == [.applied, .applied, .applied])
        }
    }

    @Test func `what is to be asked for survives a restart and an outage, and ends`() async throws {
        let push = Push()
        try await push.run { first in
            let id = try await first.enqueue(channels: [.push])
            try await first.work()
            let bench = try await first.restarted()
            push.polls.set(isDown: true)
            var waits: [Duration] = []
            bench.time.advance(by: .seconds(900))
            for _ in 0..<200 {
                try await push.ask(bench)
                guard let wait = try await push.ask(bench) else { break }
                waits.append(wait)
                bench.time.advance(by: wait)
            }
            #expect(Array(waits.prefix(4)) == [.seconds(900), .seconds(1_800), .seconds(3_600), .seconds(3_600)])
            #expect(waits.reduce(.zero, +) == .seconds(80_000 - 900))
            #expect(push.polls.asked.count == waits.count + 1)
            #expect(try await bench.last(id).state == .sent)
            await bench.store.close()
        }
    }

    @Test func `a provider that is gone from the settings is not asked, and its messages are kept a week`() async throws
    {
        let push = Push()
        try await push.run { bench in
            _ = try await bench.enqueue(channels: [.push])
            try await bench.work()
            bench.time.advance(by: .seconds(900))
            try await push.ask(bench, configured: false)
            #expect(try await push.ask(bench, configured: false) == .seconds(3_600))
            #expect(push.polls.asked.isEmpty)
            bench.time.advance(by: .seconds(8 * 86_400))
            try await push.ask(bench, configured: false)
            #expect(try await push.ask(bench, configured: false) == nil)
        }
    }

    @Test func `of an erased message nothing is asked`() async throws {
        let push = Push()
        try await push.run { bench in
            _ = try await bench.enqueue(channels: [.push])
            try await bench.work()
            _ = try await bench.store.erase("ann")
            bench.time.advance(by: .seconds(900))
            #expect(try await push.ask(bench) == nil)
            #expect(push.polls.asked.isEmpty)
        }
    }
}
