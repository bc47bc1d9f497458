/// The clock the pipeline waits by and the executor of its tasks.
///
/// All waits of the dispatcher go through this type. A simulation can thus supply a clock that advances only when
/// nothing else can run, and an executor that decides which task runs next.
public struct Pace: Sendable {
    /// A monotonic clock that cannot be set. For deadlines and fences, never for recorded times.
    public var now: @Sendable () -> ContinuousClock.Instant
    /// Suspends for a duration. Ends early when the calling task is cancelled.
    private let pause: @Sendable (Duration) async -> Void
    /// The executor of the dispatcher's own tasks; nil for the global pool.
    public var executor: (any TaskExecutor)?

    public init(
        now: @escaping @Sendable () -> ContinuousClock.Instant, sleep: @escaping @Sendable (Duration) async -> Void,
        executor: (any TaskExecutor)? = nil
    ) {
        self.now = now
        self.pause = sleep
        self.executor = executor
    }

    /// The machine's own clock and threads.
    public static let real = Pace(
        now: { ContinuousClock.now }, sleep: { duration in try? await Task.sleep(for: duration) })

    public func sleep(for duration: Duration) async { await pause(duration) }
}
