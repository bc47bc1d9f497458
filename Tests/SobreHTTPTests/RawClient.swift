import Glibc
import JSON

/// An HTTP client over a plain socket on its own thread. It can send what no client library would send.
struct RawClient: Sendable {
    let port: Int

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Sends one request, reads its answer and closes the connection.
    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> RawResponse {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if !body.isEmpty || method == "POST" || method == "PUT" { text += "Content-Length: \(body.count)\r\n" }
        let bytes = Array((text + "\r\n").utf8) + body
        return try RawResponse(
            try await exchange { connection in
                connection.send(bytes)
                return connection.readToEnd()
            })
    }

    func send(
        _ method: String, _ path: String, headers: [(String, String)] = [], json: String
    ) async throws -> RawResponse {
        try await send(method, path, headers: headers + [("Content-Type", "application/json")], body: Array(json.utf8))
    }

    /// Runs an exchange on its own thread.
    func exchange<Result: Sendable>(
        _ body: @escaping @Sendable (RawConnection) throws -> Result
    ) async throws -> Result {
        try await onThread { [port] in
            let connection = try RawConnection(port: port)
            return try body(connection)
        }
    }
}

/// A connected socket. Every call blocks, for at most ten seconds.
final class RawConnection {
    private let descriptor: Int32

    /// Connects. `host` is the last byte of the own address, `127.0.0.host`: each is a peer of its own.
    init(port: Int, from host: UInt8 = 1) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try bind(to: host)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw RawClient.Failure(description: "connect: errno \(errno)") }
    }

    private func bind(to host: UInt8) throws {
        var own = sockaddr_in()
        own.sin_family = sa_family_t(AF_INET)
        own.sin_addr.s_addr = in_addr_t(0x7F00_0000 | UInt32(host)).bigEndian
        let status = withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw RawClient.Failure(description: "bind: errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// Whether the other side has closed the connection within half a second.
    var isClosed: Bool { closes(within: 500) }

    /// Whether the other side closes the connection within some milliseconds.
    func closes(within milliseconds: Int32 = 10_000) -> Bool {
        var events = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&events, 1, milliseconds) == 1 else { return false }
        var byte: UInt8 = 0
        return recv(descriptor, &byte, 1, Int32(MSG_PEEK)) <= 0
    }

    /// Sends everything and returns the number of bytes sent. Stops without an error when the other side stops reading.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Int {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return sent }
            sent += count
        }
        return sent
    }

    @discardableResult
    func send(_ text: String) -> Int { send(Array(text.utf8)) }

    /// The next bytes. Empty at the end, on a reset, or after ten seconds.
    func read() -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    func readToEnd() -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = read()
            if part.isEmpty { return all }
            all += part
        }
    }

    /// Reads until the text contains `marker`. Returns everything read, also if the marker never arrives.
    func read(until marker: String) -> String {
        var all: [UInt8] = []
        let wanted = Array(marker.utf8)
        while !contains(all, wanted) {
            let part = read()
            if part.isEmpty { break }
            all += part
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// Whether one byte string contains another.
func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard bytes.count >= part.count else { return false }
    return (0...(bytes.count - part.count)).contains { bytes[$0..<$0 + part.count].elementsEqual(part) }
}

/// One complete answer.
struct RawResponse: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    func json() throws -> JSONRef { try JSONDocument.parse(body).root }

    init(_ bytes: [UInt8]) throws {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count > 12,
            let split = (0...(bytes.count - 4)).first(where: { bytes[$0..<$0 + 4].elementsEqual(end) })
        else {
            throw RawClient.Failure(description: "no answer: \(String(decoding: bytes.prefix(200), as: UTF8.self))")
        }
        let lines = String(decoding: bytes[..<split], as: UTF8.self).split(separator: "\r\n")
        status = Int(lines[0].split(separator: " ")[1]) ?? 0
        headers = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = String(line[line.index(after: colon)...].drop { $0 == " " })
        }
        body = Array(bytes[(split + 4)...])
        if headers["transfer-encoding"] == "chunked" { body = Self.dechunk(body) }
    }

    private static func dechunk(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = bytes[...]
        while let feed = rest.firstIndex(of: 0x0A) {
            let size = Int(String(decoding: rest[..<feed], as: UTF8.self).filter { $0.isHexDigit }, radix: 16) ?? 0
            guard size > 0, feed + 1 + size <= rest.endIndex else { break }
            result += rest[(feed + 1)..<(feed + 1 + size)]
            rest = rest[(feed + 1 + size + 2)...]
        }
        return result
    }
}

/// Runs blocking work on its own thread, outside of Swift's small thread pool.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        let work: @Sendable () -> Void = { continuation.resume(with: Result { try body() }) }
        let box = Unmanaged.passRetained(WorkBox(work))
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { pointer in
                // Balanced: retained above and released by this thread.
                Unmanaged<WorkBox>.fromOpaque(pointer!).takeRetainedValue().work()
                return nil
            }, box.toOpaque())
        precondition(status == 0, "no thread")
        pthread_detach(thread)
    }
}

private final class WorkBox {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}
