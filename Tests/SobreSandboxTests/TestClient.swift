import Glibc

/// A blocking TCP client over plain sockets, so that the sandbox is tested without its own network code.
final class TestClient {
    private let descriptor: Int32
    private var received: [UInt8] = []
    /// The longest time of one read, in seconds. It bounds every wait in these tests.
    static let timeoutSeconds = 20

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure.system("socket", errno) }
        var timeout = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            // The kernel takes every address family through sockaddr. The size tells which one it is.
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            let code = errno
            Glibc.close(descriptor)
            throw Failure.system("connect", code)
        }
    }

    deinit { close() }

    private var isClosed = false

    func close() {
        if !isClosed { Glibc.close(descriptor) }
        isClosed = true
    }

    enum Failure: Error, Equatable {
        case system(String, Int32)
        case closed
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure.system("send", errno) }
            sent += count
        }
    }

    /// One line without its CRLF.
    func line() throws -> String {
        while true {
            if let feed = received.firstIndex(of: 0x0A) {
                let line = received[..<feed]
                received.removeFirst(feed + 1)
                return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
            }
            try receive()
        }
    }

    /// Everything until the other side closes. A reset throws.
    func rest() throws -> String {
        while true {
            do { try receive() } catch Failure.closed { return String(decoding: received, as: UTF8.self) }
        }
    }

    /// One SMTP reply: its code and its lines.
    func reply() throws -> (code: Int, lines: [String]) {
        var lines: [String] = []
        while true {
            let line = try line()
            lines.append(String(line.dropFirst(4)))
            if line.dropFirst(3).first != "-" { return (Int(line.prefix(3)) ?? 0, lines) }
        }
    }

    /// Sends a line and returns the reply.
    @discardableResult
    func command(_ line: String) throws -> (code: Int, lines: [String]) {
        try send(line + "\r\n")
        return try reply()
    }

    struct Response {
        var status = 0
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// One HTTP response with a Content-Length.
    func response(hasBody: Bool = true) throws -> Response {
        var response = Response()
        let status = try line().split(separator: " ")
        response.status = status.count > 1 ? Int(status[1]) ?? 0 : 0
        while true {
            let line = try line()
            if line.isEmpty { break }
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            response.headers[line[..<colon].lowercased()] = String(value)
        }
        let length = hasBody ? Int(response.headers["content-length"] ?? "0") ?? 0 : 0
        while received.count < length { try receive() }
        response.body = Array(received[..<length])
        received.removeFirst(length)
        return response
    }

    /// Sends one HTTP request and returns the response.
    func request(
        _ method: String, _ path: String, _ headers: [String] = [], body: String = ""
    ) throws -> Response {
        try sendRequest(method, path, headers, body: Array(body.utf8))
        return try response(hasBody: method != "HEAD")
    }

    func sendRequest(_ method: String, _ path: String, _ headers: [String] = [], body: [UInt8]) throws {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        for header in headers { head += header + "\r\n" }
        try send(Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body)
    }

    private func receive() throws {
        var block = [UInt8](repeating: 0, count: 65_536)
        let count = block.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress!, $0.count, 0) }
        if count == 0 { throw Failure.closed }
        guard count > 0 else { throw Failure.system("recv", errno) }
        received.append(contentsOf: block[..<count])
    }
}
