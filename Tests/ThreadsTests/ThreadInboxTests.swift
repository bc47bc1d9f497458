import Synchronization
import Testing
import Threads

@Suite("A thread's inbox") struct ThreadInboxTests {
    private final class Taken: Sendable {
        let elements = Mutex<[Int]>([])
    }

    @Test func `takes elements in order, up to its capacity and up to the limit of a call`() {
        let inbox = ThreadInbox<Int>(capacity: 3)
        #expect([1, 2, 3].map { inbox.push($0) } == [.taken, .taken, .taken])
        #expect(inbox.push(4) == .full)
        #expect(inbox.take(2, until: nil) == [1, 2])
        #expect(inbox.push(4) == .taken)
        #expect(inbox.next() == 3)
        #expect(inbox.take(10, until: nil) == [4])
    }

    @Test func `urgent elements are taken alone and first, but the others are not kept waiting for good`() {
        let inbox = ThreadInbox<Int>(capacity: 100)
        for element in 1...3 { _ = inbox.push(element) }
        #expect(!inbox.hasUrgent)
        _ = inbox.push(10, isUrgent: true)
        _ = inbox.push(11, isUrgent: true)
        #expect(inbox.hasUrgent)
        #expect(inbox.take(8, until: nil) == [10, 11])
        #expect(inbox.take(2, until: nil) == [1, 2])
        inbox.putBack([1, 2])
        var turns = 0
        while true {
            _ = inbox.push(20 + turns, isUrgent: true)
            let taken = inbox.take(8, until: nil)
            if taken.count > 1 {
                #expect(taken == [20 + turns, 1, 2, 3])
                break
            }
            turns += 1
        }
        #expect(turns == 8)
        _ = inbox.push(1)
        _ = inbox.push(2, isUrgent: true)
        #expect(inbox.next() == 2 && inbox.next() == 1)
    }

    @Test func `takes its last element when it is full, and none after it`() {
        let inbox = ThreadInbox<Int>(capacity: 1)
        #expect(inbox.push(1) == .taken)
        #expect(inbox.close(with: 2) == .taken)
        #expect(inbox.push(3) == .closed)
        #expect(inbox.close(with: 4) == .closed)
        #expect(inbox.take(10, until: nil) == [1, 2])
        #expect(inbox.take(10, until: nil) == [] && inbox.next() == nil)
    }

    @Test func `returns nothing once the deadline has passed, and not before`() {
        let inbox = ThreadInbox<Int>()
        let begun = MonotonicTime.now()
        #expect(inbox.take(1, until: begun.advanced(byMilliseconds: 20)) == [])
        #expect(MonotonicTime.now().duration(since: begun) >= .milliseconds(20))
    }

    @Test func `gives each element to one of several threads, and lets them all end when it is closed`() async {
        let inbox = ThreadInbox<Int>()
        let taken = Taken()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        DedicatedThread.start(name: "inbox-test") {
                            while let element = inbox.next() { taken.elements.withLock { $0.append(element) } }
                            continuation.resume()
                        }
                    }
                }
            }
            for element in 0..<1_000 { _ = inbox.push(element) }
            inbox.close()
        }
        #expect(taken.elements.withLock { $0.sorted() } == Array(0..<1_000))
    }
}
