import SobreWire
import Synchronization
import SystemShims

/// Returns free memory to the system after a burst of clients. The C library keeps it otherwise, in the belief that the
/// next burst is near.
final class MemoryRelief: Sendable {
    /// What one connection holds, roughly: its buffers, handlers and task.
    private static let bytesPerConnection = 32 << 10
    /// A burst below this is not worth the work of a few milliseconds.
    private static let worthwhile = 2 << 20

    private let peak = Mutex(0)

    /// Looks at the load, and returns memory when it has fallen to less than a quarter of its peak.
    ///
    /// - Parameter load: what the server holds now.
    func observe(_ load: NodeCondition.HTTPLoad) {
        let bytes = load.bufferedBytes + load.unknownBufferedBytes + load.connections * Self.bytesPerConnection
        let isOver = peak.withLock { peak in
            peak = max(peak, bytes)
            guard peak >= Self.worthwhile, bytes < peak / 4 else { return false }
            peak = bytes
            return true
        }
        if isOver { sobre_release_free_memory() }
    }
}
