import DequeModule

/// The running and waiting requests of one origin (scheme, host and port).
final class OriginQueue {
    /// The number of running transfers.
    var running = 0

    /// The origin's response time in milliseconds: a moving average over about the last eight transfers.
    private var responseMilliseconds = 0.0

    /// Records how long a transfer took.
    func note(responseTime: Duration) {
        let (seconds, attoseconds) = responseTime.components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        responseMilliseconds += (milliseconds - responseMilliseconds) / 8
    }

    /// How many transfers this origin may run at once: enough for about 5,000 responses per second at its current
    /// speed. Each transfer takes a connection, and more connections would only cost the origin and us.
    func places(atMost most: Int) -> Int { min(most, max(32, Int(responseMilliseconds * 5))) }

    /// Whether the queue is in the loop's line of origins that may start a transfer.
    var isInLine = false

    /// The requests that wait for a slot.
    var waiting = Deque<Submission>()
}
