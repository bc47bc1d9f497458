import Glibc
import Synchronization
import Testing
import Threads

@Suite("Dedicated threads") struct DedicatedThreadTests {
    @Test func `a thread has its name, and blocks signals from outside but not those of its own faults`() async throws {
        let found: (name: String, term: Bool, fault: Bool) = await withCheckedContinuation { continuation in
            DedicatedThread.start(name: "a-name-that-is-too-long") {
                var mask = sigset_t()
                pthread_sigmask(SIG_SETMASK, nil, &mask)
                var name = [CChar](repeating: 0, count: 16)
                let file = open("/proc/thread-self/comm", O_RDONLY)
                let count = read(file, &name, 15)
                close(file)
                let text = String(decoding: name.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                continuation.resume(
                    returning: (text, sigismember(&mask, SIGTERM) == 1, sigismember(&mask, SIGSEGV) == 1))
            }
        }
        #expect(found.name == "a-name-that-is-" && found.term && !found.fault)
    }

    @Test func `the thread that starts another keeps its own mask`() {
        func blocked() -> [Int32] {
            var mask = sigset_t()
            pthread_sigmask(SIG_SETMASK, nil, &mask)
            return (1...31).filter { sigismember(&mask, $0) == 1 }
        }
        let before = blocked()
        DedicatedThread.start(name: "short") {}
        #expect(blocked() == before)
    }

    @Test func `the monotonic clock counts on, and rounds waits up`() {
        let first = MonotonicTime.now()
        let second = MonotonicTime.now()
        #expect(second >= first && first.duration(since: second.advanced(byMilliseconds: 1)) == .zero)
        let later = MonotonicTime(nanoseconds: first.nanoseconds + 1_000_001)
        #expect(first.milliseconds(until: later) == 2 && later.milliseconds(until: first) == 0)
        #expect(later.duration(since: first) == .nanoseconds(1_000_001))
    }
}
