#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import Synchronization

/// Another program, started by us and stopped by its process id.
///
/// Used where a separate process is really needed: the sandbox of the demonstration, and servers that tests start,
/// kill and restart. Arguments are passed unchanged; no shell is involved.
public final class ChildProcess: Sendable {
    /// How a process ended.
    public enum Ending: Hashable, Sendable {
        case exited(code: Int32)
        case killed(signal: Int32)
    }

    /// Where the process's output goes.
    public enum Output: Hashable, Sendable {
        case inherit
        case discard
        /// Appended to a file, which is created if absent.
        case file(String)
    }

    public struct SpawnError: Error, Hashable, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// The process id.
    public let processID: Int32
    private let ending = Mutex<Ending?>(nil)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - path: the executable's file.
    ///   - arguments: the arguments after the program's own name.
    ///   - environment: variables set in addition to those of this process.
    ///   - output: where the program's standard output goes.
    ///   - errors: where its standard error goes.
    /// - Throws: ``SpawnError`` when the system cannot start it.
    public init(
        path: String, arguments: [String], environment: [String: String] = [:], output: Output = .inherit,
        errors: Output = .inherit
    ) throws(SpawnError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target) in [(STDOUT_FILENO, output), (STDERR_FILENO, errors)] {
            switch target {
            case .inherit: break
            case .discard: posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
            case .file(let file):
                posix_spawn_file_actions_addopen(&actions, descriptor, file, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            }
        }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var argv: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] = Self.environment(with: environment).map { strdup($0) } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        // Our threads may block signals. A child would inherit that and never receive SIGTERM.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var pid: pid_t = 0
        let result = posix_spawn(&pid, path, &actions, &attributes, &argv, &envp)
        guard result == 0 else {
            throw SpawnError(description: "\(path) could not be started: \(String(cString: strerror(result))).")
        }
        processID = pid
    }

    /// This process's variables, with some replaced.
    private static func environment(with changes: [String: String]) -> [String] {
        var pairs: [String] = []
        var next = environ
        while let entry = next.pointee {
            let pair = String(cString: entry)
            let name = pair.prefix { $0 != "=" }
            if changes[String(name)] == nil { pairs.append(pair) }
            next += 1
        }
        return pairs + changes.map { "\($0.key)=\($0.value)" }
    }

    /// Sends a signal. Does nothing if the process has ended.
    public func signal(_ number: Int32) {
        ending.withLock { ending in
            if ending == nil { _ = kill(processID, number) }
        }
    }

    /// How the process ended; nil while it is running. Never blocks.
    public func poll() -> Ending? {
        ending.withLock { ending in
            if ending == nil { ending = Self.reap(processID, options: WNOHANG) }
            return ending
        }
    }

    /// Waits for the process to end, for at most `limit`. Returns nil if it is still running then.
    public func wait(atMost limit: Duration) -> Ending? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let ending = poll() { return ending }
            if ContinuousClock.now >= deadline { return nil }
            usleep(2000)
        }
    }

    /// Asks the process to end, and kills it if it does not.
    @discardableResult
    public func stop(within limit: Duration = .seconds(35)) -> Ending? {
        signal(SIGTERM)
        if let ending = wait(atMost: limit) { return ending }
        signal(SIGKILL)
        return wait(atMost: .seconds(5))
    }

    private static func reap(_ pid: pid_t, options: Int32) -> Ending? {
        var status: Int32 = 0
        guard waitpid(pid, &status, options) == pid else { return nil }
        let signal = status & 0x7f
        return signal == 0 ? .exited(code: (status >> 8) & 0xff) : .killed(signal: signal)
    }
}
