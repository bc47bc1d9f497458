/// The requests of one scheme, host and port: how many run, and which wait.
final class OriginQueue {
    /// Transfers running now.
    var running = 0

    /// Whether the queue stands in the line of those that may start a transfer.
    var isInLine = false

    /// Requests that wait.
    var waiting = FIFO<Submission>()
}
