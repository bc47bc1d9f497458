import Files
import Glibc

/// Asks a resolver for TXT records, over UDP and, where an answer does not fit, over TCP.
///
/// It asks one resolver after the other and each of them twice, and blocks its thread meanwhile.
public struct TXTResolver: Sendable {
    /// A server's address.
    public struct Server: Hashable, Sendable, CustomStringConvertible {
        public var host: String
        public var port: UInt16

        /// Makes a server.
        public init(host: String, port: UInt16 = 53) {
            self.host = host
            self.port = port
        }

        /// Reads `9.9.9.9`, `127.0.0.1:5353`, `2620:fe::fe` or `[::1]:5353`; nil for anything else, also for names.
        public init?(_ text: String) {
            var host = text[...]
            var port: UInt16 = 53
            if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
                host = text[text.index(after: text.startIndex)..<end]
                let rest = text[text.index(after: end)...]
                if !rest.isEmpty {
                    guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()) else { return nil }
                    port = number
                }
            } else if text.split(separator: ":", omittingEmptySubsequences: false).count == 2,
                let colon = text.firstIndex(of: ":")
            {
                guard let number = UInt16(text[text.index(after: colon)...]) else { return nil }
                (host, port) = (text[..<colon], number)
            }
            self.init(host: String(host), port: port)
            guard port > 0, address() != nil else { return nil }
        }

        public var description: String {
            (host.contains(":") ? "[\(host)]" : host) + (port == 53 ? "" : ":\(port)")
        }

        /// The address as the system takes it.
        func address() -> (family: Int32, bytes: [UInt8])? {
            var v4 = sockaddr_in()
            if inet_pton(AF_INET, host, &v4.sin_addr) == 1 {
                v4.sin_family = sa_family_t(AF_INET)
                v4.sin_port = port.bigEndian
                return (AF_INET, withUnsafeBytes(of: v4) { Array($0) })
            }
            var v6 = sockaddr_in6()
            guard inet_pton(AF_INET6, host, &v6.sin6_addr) == 1 else { return nil }
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            return (AF_INET6, withUnsafeBytes(of: v6) { Array($0) })
        }
    }

    /// What is known of a name.
    public enum Result: Hashable, Sendable {
        /// Its TXT records; empty when it has none or does not exist.
        case records([String])
        /// No resolver answered, with the last reason.
        case unknown(String)
    }

    public let servers: [Server]
    private let patience: Duration
    private let tries = 2
    /// Of the system's resolvers, as its own library does.
    private static let usedServers = 3

    /// - Parameters:
    ///   - servers: asked in this order.
    ///   - patience: how long an answer is waited for.
    public init(servers: [Server], patience: Duration = .seconds(2)) {
        self.servers = servers
        self.patience = patience
    }

    /// The resolvers of the system.
    ///
    /// - Parameter file: where they are listed.
    /// - Returns: at most three; none when the file cannot be read.
    public static func systemServers(_ file: String = "/etc/resolv.conf") -> [Server] {
        guard let text = try? TextFile.readText(file) else { return [] }
        let servers = text.split(separator: "\n").compactMap { line -> Server? in
            let words = line.split { $0 == " " || $0 == "\t" }
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            // A zone, as in fe80::1%eth0, is the system's business.
            return words[1].contains("%") ? nil : Server(host: String(words[1]))
        }
        return Array(servers.filter { $0.address() != nil }.prefix(usedServers))
    }

    /// Asks for the TXT records of a name.
    ///
    /// - Parameter name: a domain name in ASCII.
    /// - Returns: the records, or why nothing is known.
    public func records(of name: String) -> Result {
        var reason = "there is no resolver"
        for server in servers {
            for _ in 0..<tries {
                guard let query = TXTQuery(name, id: .random(in: 0...UInt16.max)) else {
                    return .unknown("\(name) is not a domain name")
                }
                switch answer(to: query, from: server) {
                case .success(.records(let texts)): return .records(texts)
                case .success(.noName): return .records([])
                case .success(.failed(let words)): reason = "\(server) answers \(words)"
                case .success(.truncated): reason = "\(server) has no whole answer"
                case .failure(let fault): reason = "\(server) \(fault.words)"
                }
            }
        }
        return .unknown(reason)
    }

    private struct Fault: Error {
        var words: String
        static let silent = Fault(words: "does not answer")
    }

    private func answer(to query: TXTQuery, from server: Server) -> Swift.Result<TXTQuery.Answer, Fault> {
        do throws(Fault) {
            let answer = try exchange(query, with: server, isStream: false)
            guard answer == .truncated else { return .success(answer) }
            return .success(try exchange(query, with: server, isStream: true))
        } catch { return .failure(error) }
    }

    /// Sends a question on a connected socket, which takes packets of that server alone.
    private func exchange(_ query: TXTQuery, with server: Server, isStream: Bool) throws(Fault) -> TXTQuery.Answer {
        guard let address = server.address() else { throw Fault(words: "is not an address") }
        let kind = Int32((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw Fault(words: "cannot be asked: \(Self.reason)") }
        defer { close(descriptor) }
        let (seconds, attoseconds) = patience.components
        var limit = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        let status = address.bytes.withUnsafeBytes { bytes in
            // The bytes are a whole `sockaddr_in` or `sockaddr_in6`, which the system tells apart by their family.
            connect(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
        guard status == 0 else {
            throw Fault(words: errno == ECONNREFUSED ? "refuses connections" : "cannot be reached: \(Self.reason)")
        }
        let length = query.bytes.count
        let message = isStream ? [UInt8(length >> 8), UInt8(truncatingIfNeeded: length)] + query.bytes : query.bytes
        guard Glibc.send(descriptor, message, message.count, Int32(MSG_NOSIGNAL)) == message.count else {
            throw Fault(words: errno == ECONNREFUSED ? "refuses connections" : "cannot be asked: \(Self.reason)")
        }
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            let packet = isStream ? try Self.message(from: descriptor) : try Self.packet(from: descriptor)
            if let answer = query.answer(in: packet) { return answer }
            // Over TCP there is one answer.
            if isStream { break }
        }
        throw .silent
    }

    private static func packet(from descriptor: Int32) throws(Fault) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else {
            throw errno == ECONNREFUSED ? Fault(words: "refuses connections") : .silent
        }
        return Array(buffer[..<count])
    }

    /// A message over TCP stands behind its length.
    private static func message(from descriptor: Int32) throws(Fault) -> [UInt8] {
        let head = try exactly(2, from: descriptor)
        return try exactly(Int(head[0]) << 8 | Int(head[1]), from: descriptor)
    }

    private static func exactly(_ count: Int, from descriptor: Int32) throws(Fault) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        guard count == 0 || recv(descriptor, &buffer, count, Int32(MSG_WAITALL)) == count else {
            throw .silent
        }
        return buffer
    }

    private static var reason: String { String(cString: strerror(errno)) }
}
