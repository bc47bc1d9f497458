import SobreStore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The lock on a data directory: `sobre.lock`, locked with `flock` while the store is open. It holds the owner's
/// process ID.
///
/// The system releases the lock when the process ends for any reason.
final class OwnerLock: Sendable {
    private let descriptor: Mutex<Int32?>

    init(directory: String) throws(StoreError) {
        let path = directory + "/sobre.lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .io, "The lock file \(path) cannot be opened; check the directory's owner and permissions.",
                underlying: String(cString: strerror(errno)))
        }
        let code = Self.take(descriptor)
        guard code == 0 else {
            let owner = Self.owner(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw StoreError(
                    .io, "The lock file \(path) cannot be locked; the file system must support flock.",
                    underlying: String(cString: strerror(code)))
            }
            throw StoreError(
                .locked,
                "Process \(owner) owns the data directory \(directory); send commands through it, or stop it first.")
        }
        let pid = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        _ = pid.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// Takes the lock. ``isHeld(directory:)`` holds it for a moment while it checks, so this waits for at most 100 ms.
    /// Returns 0 or an error number.
    private static func take(_ descriptor: Int32) -> Int32 {
        for _ in 0..<20 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return 0 }
            guard errno == EWOULDBLOCK else { return errno }
            usleep(5_000)
        }
        return EWOULDBLOCK
    }

    /// Releases the lock.
    func release() {
        descriptor.withLock { held in
            if let held { close(held) }
            held = nil
        }
    }

    /// Whether a process owns the directory now. Changes nothing.
    static func isHeld(directory: String) -> Bool {
        let descriptor = open(directory + "/sobre.lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    private static func owner(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        let digits = buffer.prefix(max(0, count)).prefix { $0 >= 48 && $0 <= 57 }
        return digits.isEmpty ? "(unknown)" : String(decoding: digits, as: UTF8.self)
    }
}
