import Glibc
import Synchronization
import Threads

/// A receiver of webhooks on a free loopback port, which does to each request what a script says. One request at a time.
final class ScriptedReceiver: Sendable {
    /// What it does after it has read a whole request.
    enum Action: Sendable {
        case answer(Int, headers: String = "", body: String = "")
        /// Answers only after this time.
        case delay(milliseconds: UInt32)
        /// Resets the connection.
        case reset
    }

    /// A request as it was received.
    struct Request: Sendable {
        var headers: [String: String]
        var body: [UInt8]
    }

    private let descriptor: Int32
    let port: UInt16
    private let received = Mutex<[Request]>([])
    private let script = Mutex<@Sendable (Request) -> Action>({ _ in .answer(204) })

    var requests: [Request] { received.withLock { $0 } }
    var url: String { "http://127.0.0.1:\(port)/events?key=hidden" }

    init() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                precondition(bind(descriptor, $0, size) == 0 && listen(descriptor, 64) == 0)
                getsockname(descriptor, $0, &size)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
        self.port = port
        DedicatedThread.start(name: "receiver") { [weak self] in
            while true {
                let connection = accept(descriptor, nil, nil)
                guard connection >= 0, let self else { return }
                self.serve(connection)
            }
        }
    }

    /// Replaces the script.
    func act(_ script: @escaping @Sendable (Request) -> Action) { self.script.withLock { $0 = script } }

    /// Ends the thread.
    func stop() {
        shutdown(descriptor, Int32(SHUT_RDWR))
        close(descriptor)
    }

    private func serve(_ connection: Int32) {
        defer { close(connection) }
        guard let request = Self.read(from: connection) else { return }
        received.withLock { $0.append(request) }
        switch script.withLock({ $0 })(request) {
        case .answer(let status, let headers, let body): Self.answer(connection, status, headers, body)
        case .delay(let milliseconds):
            usleep(milliseconds * 1000)
            Self.answer(connection, 200, "", "")
        case .reset:
            var now = linger(l_onoff: 1, l_linger: 0)
            setsockopt(connection, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
        }
    }

    private static func answer(_ connection: Int32, _ status: Int, _ headers: String, _ body: String) {
        let length = status == 204 ? "" : "Content-Length: \(body.utf8.count)\r\n"
        let text = "HTTP/1.1 \(status) X\r\nConnection: close\r\n\(length)\(headers)\r\n\(body)"
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }

    private static func read(from connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        var request: (Request, length: Int)?
        while true {
            if let request, request.0.body.count + bytes.count >= request.length {
                return Request(headers: request.0.headers, body: bytes)
            }
            let count = recv(connection, &chunk, chunk.count, 0)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
            guard request == nil else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
            var headers: [String: String] = [:]
            for line in text[..<end.lowerBound].split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
            }
            bytes.removeFirst(text[..<end.upperBound].utf8.count)
            request = (Request(headers: headers, body: []), Int(headers["content-length"] ?? "0") ?? 0)
        }
    }
}
