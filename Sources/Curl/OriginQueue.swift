import DequeModule

/// The requests of one scheme, host and port: how many run, and which wait.
final class OriginQueue {
    /// Transfers running now.
    var running = 0

    /// How long this origin takes to answer, in milliseconds: a moving average over about the last eight transfers.
    private var responseMilliseconds = 0.0

    /// Notes how long a transfer took.
    func note(responseTime: Duration) {
        let (seconds, attoseconds) = responseTime.components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        responseMilliseconds += (milliseconds - responseMilliseconds) / 8
    }

    /// How many transfers this origin may run at once: enough for some 5,000 answers a second at its own speed. Each takes
    /// a connection, and more of them than that only cost the origin and us.
    func places(atMost most: Int) -> Int { min(most, max(32, Int(responseMilliseconds * 5))) }

    /// Whether the queue stands in the line of those that may start a transfer.
    var isInLine = false

    /// Requests that wait.
    var waiting = Deque<Submission>()
}
