import Glibc
import Synchronization
import Threads

/// A DNS server with TXT records on a free loopback port, over UDP and TCP.
///
/// Before each answer over UDP it sends one with another id, as somebody would who forges answers: a resolver has to pass
/// it over.
public final class DNSServer: Sendable {
    public struct Zone: Sendable {
        /// By name the records, each of which may have several strings.
        public var records: [String: [[String]]] = [:]
        /// Names that are answered with SERVFAIL.
        public var failing: Set<String> = []
        /// Names whose answer is whole over TCP only.
        public var large: Set<String> = []

        public init(_ records: [String: [[String]]] = [:]) { self.records = records }
    }

    public let port: UInt16
    private let zone: Zone
    private let sockets: (udp: Int32, tcp: Int32)
    private let hasEnded = Atomic(false)
    private let running: ThreadCount

    /// Counts the threads that still use the sockets.
    private final class ThreadCount: Sendable {
        let value = Atomic(2)
    }

    /// Starts the server.
    public init(_ zone: Zone) throws {
        self.zone = zone
        running = ThreadCount()
        let udp = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        let tcp = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard let port = Self.bind(udp, to: 0), Self.bind(tcp, to: port) != nil, listen(tcp, 8) == 0 else {
            throw TestBed.Failure("no port is free for DNS: \(String(cString: strerror(errno)))")
        }
        self.port = port
        sockets = (udp, tcp)
        // So that the threads notice the end.
        var limit = timeval(tv_sec: 0, tv_usec: 50_000)
        for socket in [udp, tcp] {
            setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        DedicatedThread.start(name: "dns-udp") { [self] in serve(udp, answerDatagram) }
        DedicatedThread.start(name: "dns-tcp") { [self] in serve(tcp, answerConnection) }
    }

    /// Ends the server.
    public func stop() {
        hasEnded.store(true, ordering: .sequentiallyConsistent)
        while running.value.load(ordering: .sequentiallyConsistent) > 0 { usleep(1000) }
    }

    private func serve(_ socket: Int32, _ step: (Int32) -> Void) {
        while !hasEnded.load(ordering: .sequentiallyConsistent) { step(socket) }
        close(socket)
        running.value.subtract(1, ordering: .sequentiallyConsistent)
    }

    private static func bind(_ socket: Int32, to port: UInt16) -> UInt16? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(socket, $0, length) == 0 && getsockname(socket, $0, &length) == 0
            }
        }
        return isBound ? UInt16(bigEndian: address.sin_port) : nil
    }

    private func answerDatagram(_ socket: Int32) {
        var buffer = [UInt8](repeating: 0, count: 1500)
        var peer = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &peer) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(socket, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count > 12 else { return }
        let question = Array(buffer[..<count])
        let reply = answer(to: question, isStream: false)
        var forged = answer(to: question, texts: [["v=spf1 +all"]])
        forged[1] &+= 1
        for packet in [forged, reply] {
            _ = withUnsafePointer(to: peer) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(socket, packet, packet.count, 0, $0, length)
                }
            }
        }
    }

    private func answerConnection(_ listener: Int32) {
        let peer = accept(listener, nil, nil)
        guard peer >= 0 else { return }
        defer { close(peer) }
        var head = [UInt8](repeating: 0, count: 2)
        guard recv(peer, &head, 2, Int32(MSG_WAITALL)) == 2 else { return }
        var question = [UInt8](repeating: 0, count: Int(head[0]) << 8 | Int(head[1]))
        guard recv(peer, &question, question.count, Int32(MSG_WAITALL)) == question.count else { return }
        let reply = answer(to: question, isStream: true)
        let packet = [UInt8(reply.count >> 8), UInt8(truncatingIfNeeded: reply.count)] + reply
        _ = send(peer, packet, packet.count, Int32(MSG_NOSIGNAL))
    }

    private func answer(to question: [UInt8], isStream: Bool) -> [UInt8] {
        let name = Self.name(in: question)
        if zone.failing.contains(name) { return answer(to: question, flags: 2) }
        if zone.large.contains(name), !isStream { return answer(to: question, flags: 0, isCut: true) }
        guard let texts = zone.records[name] else { return answer(to: question, flags: 3) }
        return answer(to: question, texts: texts)
    }

    private static func name(in question: [UInt8]) -> String {
        var labels: [String] = []
        var place = 12
        while place < question.count, question[place] > 0 {
            let end = min(place + 1 + Int(question[place]), question.count)
            labels.append(String(decoding: question[(place + 1)..<end], as: UTF8.self))
            place = end
        }
        return labels.joined(separator: ".")
    }

    /// The id and the question, with a status.
    private func answer(to question: [UInt8], flags: UInt8, isCut: Bool = false, answers: UInt8 = 0) -> [UInt8] {
        var end = 12
        while end < question.count, question[end] > 0 { end += 1 + Int(question[end]) }
        let status: [UInt8] = [isCut ? 0x83 : 0x81, 0x80 | flags, 0, 1, 0, answers, 0, 0, 0, 0]
        return Array(question[0..<2]) + status + Array(question[12..<min(end + 5, question.count)])
    }

    /// The records behind an alias, as large providers publish them.
    private func answer(to question: [UInt8], texts: [[String]]) -> [UInt8] {
        var packet = answer(to: question, flags: 0, answers: UInt8(texts.count + 1))
        packet += [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, UInt8(ascii: "x"), 0xC0, 12]
        for strings in texts {
            let data = strings.flatMap { [UInt8($0.utf8.count)] + $0.utf8 }
            packet += [
                0xC0, 12, 0, 16, 0, 1, 0, 0, 0, 60, UInt8(data.count >> 8), UInt8(truncatingIfNeeded: data.count),
            ]
            packet += data
        }
        return packet
    }
}
