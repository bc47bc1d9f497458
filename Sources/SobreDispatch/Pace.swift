/// Where the pipeline waits, by which clock, and on what its tasks run.
///
/// Everything in the dispatcher that takes time asks here, so that a simulation can bring a clock that only moves when
/// nothing else can, and an executor that decides who goes next.
public struct Pace: Sendable {
    /// A clock that nobody can set: for deadlines and fences, never for what is recorded.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// Suspends for a while; ends early when the calling task is cancelled.
    private let pause: @Sendable (Duration) async -> Void
    /// On what the dispatcher's own tasks run; nil: the global pool.
    public var executor: (any TaskExecutor)?

    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant, sleep: @escaping @Sendable (Duration) async -> Void,
        executor: (any TaskExecutor)? = nil
    ) {
        self.now = now
        self.pause = sleep
        self.executor = executor
    }

    /// The computer's own clock and threads.
    public static let real = Pace(
        now: { ContinuousClock.now }, sleep: { duration in try? await Task.sleep(for: duration) })

    public func sleep(for duration: Duration) async { await pause(duration) }
}
