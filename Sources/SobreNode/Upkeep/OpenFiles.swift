import Glibc
public import SobreSettings

/// The number of files and sockets a server may have open at once.
public enum OpenFiles {
    /// The sum of client connections, provider calls and 64 for the process itself.
    public static func needed(by settings: Settings) -> Int {
        settings.server.limits.maxConnections + settings.dispatch.inFlight + 64
    }

    /// The hard limit, up to which this process may raise its own.
    public static var allowed: Int { limit.map { Int(clamping: $0.rlim_max) } ?? .max }

    /// Raises this process's limit to `needed`, as far as the system allows. Shells often set it to 1024.
    static func raise(to needed: Int) {
        guard var limit, limit.rlim_cur < needed else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(needed))
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }
}
