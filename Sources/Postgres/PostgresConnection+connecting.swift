import CLibpq

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension PostgresConnection {
    /// Blocks until a server that the URL names has accepted the connection.
    static func connect(_ configuration: PostgresConfiguration) throws(PostgresError) -> OpaquePointer {
        try check(url: configuration.url)
        let idle = max(1, configuration.tcpTimeout.wholeMilliseconds / 2000)
        // What stands before the URL can be overridden by it, what stands after cannot.
        let keywords: [(String, String)] = [
            ("fallback_application_name", configuration.applicationName),
            ("connect_timeout", String(max(2, (configuration.connectTimeout.wholeMilliseconds + 999) / 1000))),
            ("keepalives", "1"),
            ("keepalives_idle", String(idle)),
            ("keepalives_interval", String(max(1, idle / 3))),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", String(configuration.tcpTimeout.wholeMilliseconds)),
            ("dbname", configuration.url),
            ("client_encoding", "UTF8"),
        ]
        let names: [UnsafeMutablePointer<CChar>?] = keywords.map { strdup($0.0) } + [nil]
        let values: [UnsafeMutablePointer<CChar>?] = keywords.map { strdup($0.1) } + [nil]
        defer { for pointer in names + values { free(pointer) } }
        // libpq's own waiting keeps the timeout for each of several hosts; its asynchronous form does not.
        let opened = PQconnectdbParams(
            names.map { $0.map { UnsafePointer($0) } }, values.map { $0.map { UnsafePointer($0) } }, 1)
        guard let handle = opened else {
            throw PostgresError(.connectionLost, "There is no memory for a connection to the database.")
        }
        guard PQstatus(handle) == CONNECTION_OK else {
            let text = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
            PQfinish(handle)
            throw PostgresError(
                .connectionLost, "The database cannot be reached. Check that it runs and that the URL is right.",
                detail: text.trimmedLines)
        }
        return handle
    }

    /// libpq's messages about a URL may contain parts of it, and so a password: only those about a name are passed on.
    private static func check(url: String) throws(PostgresError) {
        var message: UnsafeMutablePointer<CChar>?
        let options = PQconninfoParse(url, &message)
        defer {
            PQconninfoFree(options)
            PQfreemem(message)
        }
        if options != nil { return }
        let text = message.map { String(cString: $0) } ?? ""
        let isAboutName = text.hasPrefix("invalid URI query parameter") || text.hasPrefix("invalid connection option")
        throw PostgresError(
            .usage,
            "The database's URL cannot be parsed. Write it like postgresql://user@host:5432/database, with other "
                + "characters than letters and digits in a password as %XX.",
            detail: isAboutName ? text.firstLine : nil)
    }
}

extension PostgresConfiguration {
    /// What each session is set to after it is connected.
    var sessionSettings: [(String, String)] {
        let limits = [
            ("statement_timeout", statementTimeout), ("lock_timeout", lockTimeout),
            ("idle_in_transaction_session_timeout", idleInTransactionTimeout),
        ]
        return limits.map { ($0.0, "\($0.1.wholeMilliseconds)ms") }
            + settings.sorted { $0.key < $1.key }.map { ($0, $1) }
    }
}

extension Duration {
    var wholeMilliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}

extension String {
    /// libpq's messages end with a line break.
    var firstLine: String? { split(separator: "\n").first.map { String($0) } }

    /// The lines of a message about several hosts, in one line.
    var trimmedLines: String? { isEmpty ? nil : split(separator: "\n").joined(separator: "; ") }
}
