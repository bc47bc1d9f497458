import SystemShims

/// The kernel's state of the wall clock.
enum KernelClock {
    /// Whether NTP or PTP keeps the wall clock synchronised. False when the system cannot tell.
    @Sendable static func isSynchronised() -> Bool { sobre_clock_is_synchronised() == 1 }
}
