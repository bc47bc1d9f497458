import ChildProcess
public import Postgres
import Synchronization
import TestFolders

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A PostgreSQL server with its data in a temporary folder, on a free port of the loopback interface.
///
/// PostgreSQL does not run as root: a test run as root starts it as `postgres` or `nobody`.
public final class PostgresTestServer: Sendable {
    /// The folder with the server's programs; nil when PostgreSQL is not installed.
    public static let programs: String? = {
        let versions = (15...30).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
        return versions.first { access("\($0)/initdb", X_OK) == 0 }
    }()

    public static let isInstalled = programs != nil

    /// What a suite says that is skipped.
    public static let skipReason =
        "PostgreSQL is not installed (Debian: postgresql); everything on a server is skipped."

    private static let sharedServer = Mutex<PostgresTestServer?>(nil)

    /// The server of this process. It is started at the first use and stopped at the end of the process.
    public static func shared() throws -> PostgresTestServer {
        try sharedServer.withLock { server in
            if let server { return server }
            let started = try PostgresTestServer()
            server = started
            atexit { PostgresTestServer.sharedServer.withLock { $0 = nil } }
            return started
        }
    }

    private struct Running {
        var process: ChildProcess?
        var databases = 0
    }

    private let folder = TemporaryFolder()
    public let port: Int
    private let running = Mutex(Running())

    /// Creates the data and starts the server.
    ///
    /// - Throws: `Failure` when it does not start.
    public init() throws {
        port = try Self.freePort()
        if geteuid() == 0 {
            guard let user = Self.user else { throw Failure("There is neither a user postgres nor nobody.") }
            guard chown(folder.path, user.id, user.group) == 0 else {
                throw Failure("The folder cannot be given away.")
            }
        }
        let log = "\(folder.path)/initdb.log"
        let initdb = try run(
            "initdb", ["-D", data, "-U", "sobre", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"], log: log)
        guard initdb.wait(atMost: .seconds(60)) == .exited(code: 0) else { throw Failure("initdb failed; see \(log).") }
        try start()
    }

    deinit { stop() }

    /// Where the server's Unix socket is.
    public var socketFolder: String { folder.path }

    /// Starts the server after ``stop()`` and waits until it accepts connections.
    public func start() throws {
        let process = try run(
            "postgres",
            [
                "-D", data, "-p", String(port), "-k", folder.path, "-c", "listen_addresses=127.0.0.1",
                "-c", "max_connections=100", "-c", "shared_buffers=32MB",
            ], log: "\(folder.path)/server.log")
        running.withLock { $0.process = process }
        for _ in 0..<600 {
            if process.poll() != nil { break }
            if let connection = try? PostgresConnection(configuration("postgres")) {
                connection.close()
                return
            }
            usleep(50_000)
        }
        throw Failure("The server does not start; see \(folder.path)/server.log.")
    }

    /// Ends the server by its process id, and all sessions with it.
    public func stop() {
        guard let process = running.withLock({ $0.process }) else { return }
        process.signal(SIGINT)
        if process.wait(atMost: .seconds(30)) == nil { process.stop(within: .zero) }
        running.withLock { $0.process = nil }
    }

    /// Creates an empty database, or a copy of another one.
    ///
    /// - Parameter template: the database that is copied; nobody may be connected to it.
    /// - Returns: its name.
    /// - Throws: `PostgresError` when the server rejects it.
    public func makeDatabase(from template: String = "template0") throws -> String {
        let name = running.withLock { running in
            running.databases += 1
            return "test_\(running.databases)"
        }
        let connection = try PostgresConnection(configuration("postgres"))
        try connection.run(script: "CREATE DATABASE \(name) TEMPLATE \(template)")
        connection.close()
        return name
    }

    /// The address of a database.
    public func url(_ database: String) -> String { "postgresql://sobre@127.0.0.1:\(port)/\(database)" }

    public func configuration(_ database: String) -> PostgresConfiguration {
        PostgresConfiguration(url: url(database), applicationName: "tests")
    }

    // MARK: The programs

    private var data: String { "\(folder.path)/data" }

    private static let user: (id: uid_t, group: gid_t)? = {
        for name in ["postgres", "nobody"] {
            if let entry = getpwnam(name) { return (entry.pointee.pw_uid, entry.pointee.pw_gid) }
        }
        return nil
    }()

    private func run(_ program: String, _ arguments: [String], log: String) throws -> ChildProcess {
        guard let programs = Self.programs else { throw Failure(Self.skipReason) }
        let path = "\(programs)/\(program)"
        guard geteuid() == 0, let user = Self.user else {
            return try ChildProcess(path: path, arguments: arguments, output: .file(log), errors: .file(log))
        }
        // It replaces itself with the program, which so has the process id that we know.
        return try ChildProcess(
            path: "/usr/bin/setpriv",
            arguments: ["--reuid=\(user.id)", "--regid=\(user.group)", "--clear-groups", path] + arguments,
            output: .file(log), errors: .file(log))
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw Failure("No port of the loopback interface is free.") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    public struct Failure: Error, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }
}
