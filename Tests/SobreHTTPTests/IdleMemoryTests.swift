import Glibc
import SobreSettings
import Testing

/// The memory of connections without a request.
@Suite struct IdleMemoryTests {
    /// Connections that stay open, used by one thread at a time.
    private final class Held: @unchecked Sendable {
        let connections: [RawConnection]
        init(_ connections: [RawConnection]) { self.connections = connections }
    }

    private static let connections = 300

    @Test func `An idle connection does not keep the memory of its last request`() async throws {
        var limits = HTTPLimits()
        limits.maxUnknownConnections = 2 * Self.connections
        limits.maxConnectionsPerPeer = 2 * Self.connections
        try await TestServer.run(limits: limits) { server in
            // The first ones pay for what the process needs only once.
            let first = try await open(Self.connections / 10, at: server.client.port)
            let before = try residentBytes()
            let idle = try await open(Self.connections, at: server.client.port)
            let each = (try residentBytes() - before) / Self.connections
            #expect(each < 26_000, "\(each) bytes a connection")
            withExtendedLifetime((first, idle)) {}
        }
    }

    /// Opens connections that have each had one request.
    private func open(_ count: Int, at port: Int) async throws -> Held {
        try await onThread {
            try Held(
                (0..<count).map { _ in
                    let connection = try RawConnection(port: port)
                    connection.send("GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    #expect(connection.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
                    return connection
                })
        }
    }

    private func residentBytes() throws -> Int {
        let file = try #require(fopen("/proc/self/statm", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        try #require(fgets(&line, 256, file) != nil)
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
