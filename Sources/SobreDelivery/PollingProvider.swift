public import SobreModel

/// A provider that tells what became of a message only when it is asked.
public protocol PollingProvider: Sendable {
    var name: String { get }
    var pollTerms: PollTerms { get }

    /// Asks for the fate of messages. Calls `completion` exactly once, on any thread.
    ///
    /// - Parameters:
    ///   - ids: the provider's ids of the messages, at most ``PollTerms/batch``.
    ///   - transport: carries the question.
    ///   - completion: gets the answer.
    func poll(_ ids: [String], over transport: any Transport, completion: @escaping @Sendable (PollAnswer) -> Void)
}

/// When a provider is asked for the fate of messages, and for how long.
public struct PollTerms: Hashable, Sendable {
    /// From the acceptance to the first question.
    public var after: Duration
    /// From the first question to the second. The wait doubles with each question, up to ``slowest``.
    public var every: Duration
    public var slowest: Duration
    /// From the acceptance to the last question.
    public var giveUpAfter: Duration
    /// The most messages in one question.
    public var batch: Int

    public init(after: Duration, every: Duration, slowest: Duration, giveUpAfter: Duration, batch: Int) {
        self.after = after
        self.every = every
        self.slowest = slowest
        self.giveUpAfter = giveUpAfter
        self.batch = batch
    }

    /// The wait before the next question.
    ///
    /// - Parameters:
    ///   - tries: how often it was asked without an answer, this time included.
    ///   - age: the time since the acceptance.
    /// - Returns: nil when it is not asked for again.
    public func wait(afterTries tries: Int, age: Duration) -> Duration? {
        guard age < giveUpAfter else { return nil }
        var wait = every
        for _ in 1..<max(tries, 1) where wait < slowest { wait *= 2 }
        return min(wait, slowest, giveUpAfter - age)
    }
}

/// A provider's answer about messages.
public enum PollAnswer: Sendable {
    /// By the messages' ids. Those that the provider knows nothing of yet are left out.
    case fates([String: PollFate])
    /// It cannot be had now, with the reason.
    case failed(String)
}

/// What became of a message.
public enum PollFate: Hashable, Sendable {
    /// Nothing yet.
    case pending
    /// Nothing that matters here.
    case settled
    case reported(Receipt.Kind, detail: String)
}
