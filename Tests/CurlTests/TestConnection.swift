import Glibc
import Synchronization

/// One accepted connection of a ``TestServer``, used by the thread that serves it.
///
/// `@unchecked Sendable`: only the serving thread uses the input buffer. The descriptor is closed under the mutex, so
/// that `interrupt` from another thread cannot hit a reused number.
final class TestConnection: @unchecked Sendable {
    struct Request {
        let head: String
        let body: [UInt8]

        var method: Substring { head.prefix { $0 != " " } }

        /// The value of a header field, by its lower-case name.
        func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.first?.lowercased() == name {
                    return parts.count < 2 ? "" : String(parts[1].drop { $0 == " " })
                }
            }
            return nil
        }
    }

    private let descriptor: Int32
    private let isOpen = Mutex(true)
    private var input: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    /// The next request with its complete body; nil if the client has disconnected.
    func readRequest() -> Request? {
        guard let head = read(until: Array("\r\n\r\n".utf8)) else { return nil }
        let text = String(decoding: head, as: UTF8.self)
        let bare = Request(head: text, body: [])
        guard let body = read(count: bare.header("content-length").flatMap { Int($0) } ?? 0) else { return nil }
        return Request(head: text, body: body)
    }

    /// A line without its end; nil if the client has disconnected.
    func readLine() -> String? {
        guard let line = read(until: [0x0D, 0x0A]) else { return nil }
        return String(decoding: line.dropLast(2), as: UTF8.self)
    }

    /// Everything up to and including `mark`.
    func read(until mark: [UInt8]) -> [UInt8]? {
        var searched = 0
        while true {
            if input.count >= mark.count {
                for start in max(searched - mark.count, 0)...(input.count - mark.count)
                where input[start..<start + mark.count].elementsEqual(mark) {
                    return take(start + mark.count)
                }
            }
            searched = input.count
            guard fill() else { return nil }
        }
    }

    /// Exactly `count` bytes.
    func read(count: Int) -> [UInt8]? {
        while input.count < count {
            guard fill() else { return nil }
        }
        return take(count)
    }

    func write(_ text: String) {
        write(Array(text.utf8))
    }

    func write(_ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { bytes in
                send(descriptor, bytes.baseAddress! + offset, bytes.count - offset, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            offset += count
        }
    }

    /// Answers a request and keeps the connection open.
    func respond(_ status: Int = 200, headers: String = "", body: String = "") {
        write("HTTP/1.1 \(status) Answer\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Closes with a TCP reset, as a crashed or overloaded server does.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        close()
    }

    func close() {
        isOpen.withLock { isOpen in
            if isOpen { Glibc.close(descriptor) }
            isOpen = false
        }
    }

    /// Wakes a thread that reads from this connection. Can be called from any thread.
    func interrupt() {
        isOpen.withLock { isOpen in
            if isOpen { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private func take(_ count: Int) -> [UInt8] {
        defer { input.removeFirst(count) }
        return Array(input[..<count])
    }

    private func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        input += buffer[..<count]
        return true
    }
}
