import Glibc
import Synchronization
import Threads

/// Connections of strangers that try to keep a server busy. One that the server closes is opened again.
public final class Flood: Sendable {
    public enum Kind: Sendable {
        /// They send nothing.
        case idle
        /// They send a header, byte by byte.
        case slowHeaders
        /// They send one complete request after the other.
        case requests(path: String)
        /// They announce a body of so many bytes and send it at once, except for its last bytes, which dribble.
        case bodies(path: String, bytes: Int)
    }

    private struct State {
        var isOver = false
        var hasEnded = false
        var opened = 0
        var answers: [Int: Int] = [:]
    }

    private let port: Int
    private let kind: Kind
    private let connections: Int
    /// What a connection sends first.
    private let opening: [UInt8]
    private let state = Mutex(State())
    /// How often the connections are looked at, in milliseconds. Each time, a dribbling one sends a byte, and all that were
    /// closed are opened again.
    private static let pace: UInt32 = 20

    /// Opens the connections, on a thread of its own.
    public init(port: Int, connections: Int, _ kind: Kind) {
        self.port = port
        self.connections = connections
        self.kind = kind
        let text =
            switch kind {
            case .idle: ""
            case .slowHeaders: "GET /health/live HTTP/1.1\r\nX-Filler: \(String(repeating: "x", count: 8_000))"
            case .requests(let path): "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            case .bodies(let path, let bytes):
                "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(bytes)\r\n\r\n"
            }
        opening = Array(text.utf8)
        Self.raiseLimit(to: connections + 512)
        DedicatedThread.start(name: "flood") { self.run() }
    }

    /// How many connections were opened so far.
    public var opened: Int { state.withLock { $0.opened } }

    /// How many answers had each status so far.
    public var answers: [Int: Int] { state.withLock { $0.answers } }

    /// Closes all connections.
    public func stop() {
        state.withLock { $0.isOver = true }
        while !state.withLock({ $0.hasEnded }) { usleep(1_000) }
    }

    private struct Member {
        var descriptor: Int32
        var sent = 0
    }

    private func run() {
        var members = (0..<connections).map { _ in open() }
        var polls = [pollfd](repeating: pollfd(), count: connections)
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while !state.withLock({ $0.isOver }) {
            for index in members.indices {
                polls[index] = pollfd(fd: members[index].descriptor, events: Int16(POLLIN), revents: 0)
            }
            usleep(Self.pace * 1_000)
            poll(&polls, nfds_t(polls.count), 0)
            for index in members.indices {
                if polls[index].revents != 0 {
                    let count = recv(members[index].descriptor, &buffer, buffer.count, 0)
                    note(buffer.prefix(max(0, count)))
                    if case .requests = kind { members[index].sent = 0 }
                    if count == 0 || count < 0 && errno != EAGAIN {
                        close(members[index].descriptor)
                        members[index] = open()
                    }
                }
                sendMore(&members[index])
            }
        }
        for member in members { close(member.descriptor) }
        state.withLock { $0.hasEnded = true }
    }

    private func open() -> Member {
        state.withLock { $0.opened += 1 }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return Member(descriptor: descriptor)
    }

    private static let filling = [UInt8](repeating: 0x20, count: 64 << 10)
    /// Bytes of a body that are kept back to dribble.
    private static let keptBack = 4_096

    private func sendMore(_ member: inout Member) {
        let rest = opening.count - member.sent
        switch kind {
        case .slowHeaders where rest > 0: send(opening[member.sent..<member.sent + 1], &member)
        case .requests where rest > 0, .bodies where rest > 0: send(opening[member.sent...], &member)
        case .bodies(_, let bytes):
            while true {
                let left = opening.count + bytes - member.sent - Self.keptBack
                if left <= 0 {
                    send(Self.filling[..<1], &member)
                    return
                }
                guard send(Self.filling[..<min(left, Self.filling.count)], &member) else { return }
            }
        default: break
        }
    }

    /// Sends as much as fits. Returns whether all of it did.
    @discardableResult
    private func send(_ bytes: ArraySlice<UInt8>, _ member: inout Member) -> Bool {
        let count = bytes.withUnsafeBytes {
            Glibc.send(member.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count > 0 { member.sent += count }
        return count == bytes.count
    }

    private func note(_ answer: ArraySlice<UInt8>) {
        let words = String(decoding: answer, as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[0].hasPrefix("HTTP/"), let status = Int(words[1]) else { return }
        state.withLock { $0.answers[status, default: 0] += 1 }
    }

    /// Raises this process's limit of open files, as far as it may.
    public static func raiseLimit(to needed: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < needed else {
            return
        }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(needed))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
