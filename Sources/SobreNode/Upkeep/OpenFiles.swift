import Glibc
public import SobreSettings

/// The files and sockets that a server may have open at once.
public enum OpenFiles {
    /// Connections of clients, calls to providers, and what the process needs for itself.
    public static func needed(by settings: Settings) -> Int {
        settings.server.limits.maxConnections + settings.dispatch.inFlight + 64
    }

    /// What the system allows this process to raise its bound to.
    public static var allowed: Int { limit.map { Int(clamping: $0.rlim_max) } ?? .max }

    /// Raises this process's bound to what is needed, as far as the system allows: shells give 1024.
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
