import Glibc

/// What the kernel knows of its wall clock.
enum KernelClock {
    /// `STA_UNSYNC` in `struct timex`.
    private static let unsynchronised: Int32 = 0x40
    /// `TIME_ERROR`: what `adjtimex` returns for a clock that nobody keeps in step.
    private static let error: Int32 = 5

    /// Whether something (NTP, PTP) keeps the wall clock in step. False where that cannot be asked.
    @Sendable static func isSynchronised() -> Bool {
        #if os(Linux) && (arch(x86_64) || arch(arm64))
            // sys/timex.h is not in Swift's module of the C library. The structure is the kernel's and fixed on 64-bit
            // machines: 208 bytes, `modes` at 0 (zero: change nothing), `status` at 40.
            typealias Adjtimex = @convention(c) (UnsafeMutableRawPointer) -> Int32
            guard let symbol = dlsym(nil, "adjtimex") else { return false }
            let adjtimex = unsafeBitCast(symbol, to: Adjtimex.self)
            return withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { buffer in
                buffer.initializeMemory(as: UInt8.self, repeating: 0)
                guard let base = buffer.baseAddress else { return false }
                let state = adjtimex(base)
                let status = buffer.load(fromByteOffset: 40, as: Int32.self)
                return state >= 0 && state != error && status & unsynchronised == 0
            }
        #else
            return false
        #endif
    }
}
