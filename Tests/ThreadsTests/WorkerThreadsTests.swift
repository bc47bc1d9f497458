import Glibc
import Synchronization
import Testing
import Threads

@Suite("Worker threads") struct WorkerThreadsTests {
    private final class Counts: Sendable {
        let running = Atomic(0)
        let most = Atomic(0)
    }

    private static func threadName() -> String {
        var name = [CChar](repeating: 0, count: 16)
        let file = open("/proc/thread-self/comm", O_RDONLY)
        defer { close(file) }
        let count = read(file, &name, 15)
        let bytes = name.prefix(max(0, count)).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
    }

    @Test func `work runs on threads of its own, and no more of it at once than there are threads`() async {
        let threads = WorkerThreads(name: "work-test", count: 2)
        let counts = Counts()
        let results = await withTaskGroup(of: (Int, String).self) { group in
            for number in 0..<12 {
                group.addTask {
                    await threads.run {
                        let now = counts.running.add(1, ordering: .relaxed).newValue
                        counts.most.max(now, ordering: .relaxed)
                        usleep(5_000)
                        counts.running.subtract(1, ordering: .relaxed)
                        return (number, Self.threadName())
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(results.keys.sorted() == Array(0..<12))
        #expect(Set(results.values) == ["work-test"])
        #expect(counts.most.load(ordering: .relaxed) == 2)
    }

    @Test func `the pool of Swift's tasks stays free while every thread computes`() async {
        let threads = WorkerThreads(name: "work-test", count: 8)
        let counts = Counts()
        counts.running.store(1, ordering: .relaxed)
        let computing = (0..<8).map { _ in
            Task { await threads.run { while counts.running.load(ordering: .relaxed) == 1 { usleep(1_000) } } }
        }
        // More tasks than the pool has threads: none of them could run if the work held the pool.
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { await Task.yield() } }
        }
        counts.running.store(0, ordering: .relaxed)
        for task in computing { await task.value }
    }
}
