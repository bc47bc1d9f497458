import SystemShims

/// What the kernel knows of its wall clock.
enum KernelClock {
    /// Whether something (NTP, PTP) keeps the wall clock synchronised. False where the system cannot say.
    @Sendable static func isSynchronised() -> Bool { sobre_clock_is_synchronised() == 1 }
}
