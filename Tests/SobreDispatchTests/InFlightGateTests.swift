import Synchronization
import Testing

@testable import SobreDispatch

@Suite("The gate before the providers") struct InFlightGateTests {
    @Test func `it gives what is free and never more`() async {
        let gate = InFlightGate(capacity: 5)
        #expect(await gate.take(upTo: 3) == 3)
        #expect(await gate.take(upTo: 10) == 2)
        #expect(gate.inUse == 5)
        gate.give(back: 4)
        #expect(gate.inUse == 1)
        #expect(await gate.take(upTo: 2) == 2)
        gate.give(back: 0)
        #expect(gate.inUse == 3)
    }

    @Test func `who finds nothing waits until something is given back`() async {
        let gate = InFlightGate(capacity: 1)
        #expect(await gate.take(upTo: 1) == 1)
        let order = Shared<[String]>([])
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                _ = await gate.take(upTo: 1)
                order.value.withLock { $0.append("taken") }
            }
            group.addTask {
                order.value.withLock { $0.append("given") }
                gate.give(back: 1)
            }
        }
        #expect(order.value.withLock { $0 } == ["given", "taken"])
        #expect(gate.inUse == 1)
    }

    @Test func `closing sends away who waits and who comes later`() async {
        let gate = InFlightGate(capacity: 1)
        #expect(await gate.take(upTo: 1) == 1)
        async let waiting = gate.take(upTo: 1)
        gate.close()
        #expect(await waiting == 0)
        gate.give(back: 1)
        #expect(await gate.take(upTo: 1) == 0)
        #expect(gate.inUse == 0)
    }

    @Test func `under a crowd it is never above its capacity, and nobody is forgotten`() async {
        let gate = InFlightGate(capacity: 4)
        let inside = Shared(Passage())
        await withTaskGroup(of: Void.self) { group in
            for wanted in 1...200 {
                group.addTask {
                    let taken = await gate.take(upTo: 1 + wanted % 4)
                    inside.value.withLock {
                        $0.now += taken
                        $0.most = max($0.most, $0.now)
                    }
                    await Task.yield()
                    inside.value.withLock {
                        $0.now -= taken
                        $0.passed += 1
                    }
                    gate.give(back: taken)
                }
            }
        }
        let seen = inside.value.withLock { $0 }
        #expect(seen.most <= 4 && seen.most > 0)
        #expect(seen.passed == 200 && seen.now == 0)
        #expect(gate.inUse == 0)
    }
}

/// The number of permits in use, the highest number so far, and the number of tasks that have passed.
private struct Passage: Sendable {
    var now = 0
    var most = 0
    var passed = 0
}

/// A value that several tasks change.
final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}
