import Glibc
public import SobreSettings

/// The number of files and sockets a server may have open at once.
///
/// A server without a free descriptor does not only refuse connections: calls to providers fail, changed files cannot be
/// read, and libdispatch ends the process (SIGILL) when its pool of threads is busy and it cannot open
/// `/proc/self/task/…/stat`. So there must always be free ones.
public enum OpenFiles {
    /// What the process needs beside connections: the database with its log, templates, policy, logs, timers, the
    /// listening socket, and connections that are accepted while others are being closed.
    private static let reserve = 128 + HTTPLimits.acceptedAhead
    /// A call to a provider may have a pair of sockets while its host's name is resolved.
    private static let perCall = 2
    /// Below this, no server is started.
    private static let least = reserve + 4 * 16

    /// The most that the settings allow.
    ///
    /// - Parameter settings: the bounds of connections and calls.
    /// - Returns: the number of descriptors.
    public static func needed(by settings: Settings) -> Int {
        reserve + settings.server.limits.maxConnections + outbound(settings)
    }

    private static func outbound(_ settings: Settings) -> Int {
        let events = settings.events.subscriptions.isEmpty ? 0 : settings.events.limits.inFlight
        return settings.mailClient.maxConnections + perCall * (settings.dispatch.inFlight + events)
    }

    /// The hard limit, up to which this process may raise its own.
    public static var allowed: Int { limit.map { Int(clamping: $0.rlim_max) } ?? .max }

    /// Raises this process's limit to `needed`, as far as the system allows. Shells often set it to 1024.
    ///
    /// - Parameter needed: the number of descriptors.
    /// - Returns: the limit in force.
    static func raise(to needed: Int) -> Int {
        guard var limit else { return .max }
        guard limit.rlim_cur < needed else { return Int(clamping: limit.rlim_cur) }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(needed))
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Self.limit.map { Int(clamping: $0.rlim_cur) } ?? .max
    }

    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }

    /// Lowers the bounds of connections and calls so that all of them together leave descriptors for everything else.
    /// Clients get half of what there is, and what providers do not need.
    ///
    /// - Parameters:
    ///   - settings: the bounds as they are configured.
    ///   - limit: the limit of open files in force.
    /// - Returns: the bounds that fit, and a sentence that says which were lowered; nil: none.
    /// - Throws: ``SettingsError`` when the limit is too low for a server.
    static func fit(_ settings: Settings, into limit: Int) throws(SettingsError) -> (Settings, String?) {
        let needed = needed(by: settings)
        guard limit < needed else { return (settings, nil) }
        guard limit >= least else {
            throw SettingsError(
                "\(limit) open files are allowed; a server needs at least \(least). Raise LimitNOFILE (systemd) or ulimit -Hn."
            )
        }
        var fitted = settings
        let rest = limit - reserve
        let before = settings.server.limits.maxConnections
        let connections = min(before, max(rest / 2, rest - outbound(settings)))
        fitted.server.limits.maxConnections = connections
        fitted.server.limits.maxUnknownConnections = min(
            settings.server.limits.maxUnknownConnections,
            max(1, settings.server.limits.maxUnknownConnections * connections / before))
        let mail = min(settings.mailClient.maxConnections, (rest - connections) / 4)
        fitted.mailClient.maxConnections = mail
        fitted.mailClient.maxConnectionsPerRelay = min(settings.mailClient.maxConnectionsPerRelay, mail)
        let calls = min(settings.dispatch.inFlight, (rest - connections - mail) / perCall)
        fitted.dispatch.inFlight = calls
        fitted.httpClient.maxPerHost = min(settings.httpClient.maxPerHost, calls)
        fitted.httpClient.maxConnectionsPerHost = min(settings.httpClient.maxConnectionsPerHost, calls)
        return (
            fitted,
            "\(limit) open files are allowed, \(needed) may be needed: at most \(connections) client connections, "
                + "\(mail) mail connections and \(calls) messages in flight until LimitNOFILE (systemd) or ulimit -Hn is raised"
        )
    }
}
