public import SobreSettings
public import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bounds of an embedded store, and who is informed of what it does.
public struct SQLiteConfiguration: Sendable {
    public var limits: StoreLimits
    /// What a profile may hold, also after a merge.
    public var intake: IntakeLimits
    /// Told of each decision how many nanoseconds it took together with reading its facts; called on the writer's thread,
    /// so it must be quick. Nil: nothing is measured.
    public var onDecision: (@Sendable (_ nanoseconds: Int64) -> Void)?
    /// Called when the database can no longer be trusted to hold what it acknowledged (an I/O error, damage). It should
    /// end the process: what a failed COMMIT did can only be known by opening the database again.
    public var onFatal: @Sendable (StoreError) -> Void
    /// Told after each transaction that wrote: how long its COMMIT took, the sync of the disk included, and how many
    /// calls shared it. Called on the writer's thread: it must not block.
    public var onCommit: @Sendable (_ took: Duration, _ calls: Int) -> Void = { _, _ in }

    /// Told when a store of an earlier layout is opened, before it is converted and after: with millions of messages that
    /// takes minutes. Called on the thread that opens.
    public var onUpgrade: @Sendable (LayoutUpgrade) -> Void = { _ in }

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
