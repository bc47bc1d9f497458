import SobreDelivery
import SobreModel
import Testing

@Suite("Circuit breaker")
struct CircuitBreakerTests {
    let start = Instant(milliseconds: 1_000_000)

    @Test("It opens after as many faults in a row as its threshold, and a success in between starts the count anew")
    func opens() {
        var breaker = CircuitBreaker(settings: .init(threshold: 3, openFor: .seconds(5)))
        for faulty in [true, true, false, true, true] {
            breaker.begin(at: start)
            #expect(breaker.end(faulty: faulty, at: start) == false)
        }
        breaker.begin(at: start)
        #expect(breaker.end(faulty: true, at: start) == true)
        #expect(breaker.nextFree(at: start) == start + .seconds(5))
    }

    @Test("Half open it lets its probes through; a good one closes it, a bad one doubles the wait")
    func probes() {
        var breaker = CircuitBreaker(settings: .init(threshold: 1, openFor: .seconds(5), probes: 1))
        breaker.begin(at: start)
        breaker.end(faulty: true, at: start)
        let later = start + .seconds(5)
        #expect(breaker.nextFree(at: later) == later)
        breaker.begin(at: later)
        #expect(breaker.nextFree(at: later) == nil)
        breaker.end(faulty: true, at: later)
        #expect(breaker.state == .open(until: later + .seconds(10)))
        let latest = later + .seconds(10)
        breaker.begin(at: latest)
        breaker.end(faulty: false, at: latest)
        #expect(breaker.state == .closed)
    }

    @Test("A probe that was never made frees its place")
    func abandoned() {
        var breaker = CircuitBreaker(settings: .init(threshold: 1, openFor: .seconds(5), probes: 1))
        breaker.begin(at: start)
        breaker.end(faulty: true, at: start)
        let later = start + .seconds(5)
        breaker.begin(at: later)
        breaker.abandon()
        #expect(breaker.nextFree(at: later) == later)
    }
}
