public import SobreSettings
public import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The limits of an embedded store and its callbacks.
public struct SQLiteConfiguration: Sendable {
    public var limits: StoreLimits
    /// The limits of a profile, which also apply after a merge.
    public var intake: IntakeLimits
    /// Called after each decision with its duration in nanoseconds, including the time to read the facts. Runs on the
    /// writer thread, so it must be quick. When nil, nothing is measured.
    public var onDecision: (@Sendable (_ nanoseconds: Int64) -> Void)?
    /// Called when the database may no longer hold what was acknowledged, because of an I/O error or damage. It should
    /// end the process: only opening the database again can show what a failed COMMIT did.
    public var onFatal: @Sendable (StoreError) -> Void
    /// Called after each transaction that wrote, with the duration of its COMMIT, including the disk sync, and the
    /// number of calls that shared it. Runs on the writer thread: it must not block.
    public var onCommit: @Sendable (_ took: Duration, _ calls: Int) -> Void = { _, _ in }

    /// Called before and after a store with an earlier layout is converted. With millions of messages the conversion
    /// takes minutes. Runs on the thread that opens the store.
    public var onUpgrade: @Sendable (UpgradeProgress) -> Void = { _ in }

    /// Called when the database lacks commits that were acknowledged, with their number, because its write-ahead log is
    /// missing or cut. Runs on the thread that opens the store.
    public var onLoss: @Sendable (_ commits: Int64) -> Void = { _ in }

    public init(
        limits: StoreLimits = StoreLimits(), intake: IntakeLimits = IntakeLimits(),
        onFatal: @escaping @Sendable (StoreError) -> Void = SQLiteConfiguration.exitProcess
    ) {
        self.limits = limits
        self.intake = intake
        self.onFatal = onFatal
    }

    /// Writes the error to standard error and ends the process at once with status 70 (`EX_SOFTWARE`).
    @Sendable
    public static func exitProcess(_ error: StoreError) {
        let line = Array("sobre: the store failed and the process ends: \(error)\n".utf8)
        _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
        _exit(70)
    }
}
