import Glibc
import Threads

/// A provider with the lowest possible cost: HTTP/1.1 with keep-alive over `poll`, on one thread.
///
/// Every request is answered with `201` and `{"sid":"SM<counter>"}`, except `GET /count`, which is answered with
/// `{"count":<counter>}` and not counted. Nothing is stored, except when requests that hold ``mark`` arrived, if it is
/// started for that: `GET /arrivals` is answered with the number after the mark and the monotonic time in microseconds, one
/// line for each. It runs in a separate process (``LeanSinkProcess``), so
/// that its CPU time is not counted as ours.
final class LeanSink {
    struct Failed: Error, CustomStringConvertible {
        let call: String
        let number: Int32

        var description: String { "The sink cannot start: \(call) failed with error \(number)." }
    }

    /// The largest request, header and body. A longer one closes its connection.
    static let maxRequestBytes = 4 << 20

    private let port: UInt16
    private let listener: Int32
    /// The listener first, then one entry per connection.
    private var watched: [pollfd]
    private var connections: [Int32: Connection] = [:]
    private var count = 0
    /// What precedes the number in a request whose arrival is noted.
    static let mark = "otp-"
    private let isMarked: Bool
    private var arrivals: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    private final class Connection {
        var input: [UInt8] = []
        var output: [UInt8] = []
    }

    /// Starts a sink in a child process: `program` with the argument `sink`, which must call ``serve()``.
    ///
    /// - Parameters:
    ///   - program: this executable.
    ///   - isMarked: whether it notes when requests with ``mark`` arrive.
    /// - Returns: the running sink.
    /// - Throws: ``Failed`` when it does not start.
    static func start(program: String, isMarked: Bool = false) throws(Failed) -> LeanSinkProcess {
        try LeanSinkProcess(program: program, arguments: ["sink"] + (isMarked ? ["marked"] : []))
    }

    /// The child's side: listens, writes its port to standard output and serves until it is terminated.
    static func serve() throws(Failed) -> Never {
        let sink = try LeanSink(isMarked: CommandLine.arguments.contains("marked"))
        // Five digits and a line end, so that the parent knows how much to read.
        let digits = String(sink.port)
        let line = String(repeating: "0", count: 5 - digits.utf8.count) + digits + "\n"
        _ = Array(line.utf8).withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
        sink.serve()
    }

    /// Listens on a free loopback port.
    private init(isMarked: Bool) throws(Failed) {
        self.isMarked = isMarked
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw Failed(call: "socket", number: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 1_024) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard isListening else { throw Failed(call: "bind or listen", number: errno) }
        port = UInt16(bigEndian: address.sin_port)
        watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
    }

    /// Serves until the process is terminated.
    private func serve() -> Never {
        yieldToSenders()
        while true {
            _ = poll(&watched, nfds_t(watched.count), -1)
            for index in watched.indices.dropFirst() where watched[index].revents != 0 {
                serve(&watched[index])
            }
            watched.removeAll { $0.fd < 0 }
            if watched[0].revents != 0 { acceptAll() }
        }
    }

    /// Schedules this process as a batch process, so that it does not preempt a sender.
    ///
    /// A real provider is another machine and never interrupts the sender's core at each packet. On a machine with
    /// few cores this process would, and two context switches per message would be counted as the sender's.
    private func yieldToSenders() {
        let batch: Int32 = 3  // SCHED_BATCH, which the headers hide from Swift
        var parameters = sched_param(sched_priority: 0)
        _ = sched_setscheduler(0, batch, &parameters)
    }

    private func acceptAll() {
        while true {
            let descriptor = accept(listener, nil, nil)
            guard descriptor >= 0 else { return }
            var on: Int32 = 1
            setsockopt(
                descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            connections[descriptor] = Connection()
            watched.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
    }

    /// Reads, answers and writes as far as the socket allows. A closed connection's entry gets the descriptor -1.
    private func serve(_ entry: inout pollfd) {
        let descriptor = entry.fd
        guard let connection = connections[descriptor] else { return }
        if entry.revents & Int16(POLLOUT) == 0 {
            let received = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard received > 0 || received < 0 && errno == EAGAIN else { return close(&entry) }
            connection.input.append(contentsOf: buffer[..<max(received, 0)])
            while let length = requestLength(connection.input) { answer(connection, length) }
            guard connection.input.count <= Self.maxRequestBytes else { return close(&entry) }
        }
        if !connection.output.isEmpty {
            let sent = connection.output.withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            guard sent >= 0 || errno == EAGAIN else { return close(&entry) }
            connection.output.removeFirst(max(sent, 0))
        }
        // Do not read from a client that does not read its responses.
        entry.events = Int16(connection.output.isEmpty ? POLLIN : POLLOUT)
    }

    /// The length of the first request in bytes if it is complete.
    private func requestLength(_ input: [UInt8]) -> Int? {
        input.withUnsafeBytes { input -> Int? in
            guard let base = input.baseAddress else { return nil }
            var bodyLength = 0
            var lineStart = 0
            while let newline = memchr(base + lineStart, 0x0A, input.count - lineStart) {
                let next = UnsafeRawPointer(newline) - base + 1
                if next - lineStart <= 2 {
                    return next + bodyLength <= input.count ? next + bodyLength : nil
                }
                let line = (base + lineStart).assumingMemoryBound(to: CChar.self)
                if next - lineStart > 16, strncasecmp(line, "content-length:", 15) == 0 {
                    // The line ends in LF, where strtol stops.
                    bodyLength = max(strtol(line + 15, nil, 10), 0)
                }
                lineStart = next
            }
            return nil
        }
    }

    private func answer(_ connection: Connection, _ length: Int) {
        let isCount = connection.input.starts(with: "GET /count ".utf8)
        let isArrivals = isMarked && connection.input.starts(with: "GET /arrivals ".utf8)
        if isMarked { note(connection.input[..<length]) }
        if length == connection.input.count {
            connection.input.removeAll(keepingCapacity: true)
        } else {
            connection.input.removeFirst(length)
        }
        if isArrivals {
            connection.output.append(contentsOf: "HTTP/1.1 200 OK\r\nContent-Length: \(arrivals.count)\r\n\r\n".utf8)
            connection.output.append(contentsOf: arrivals)
            return
        }
        if !isCount { count += 1 }
        let body = isCount ? #"{"count":\#(count)}"# : #"{"sid":"SM\#(count)"}"#
        let head = isCount ? "HTTP/1.1 200 OK" : "HTTP/1.1 201 Created"
        connection.output.append(
            contentsOf:
                "\(head)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    /// Notes the arrival of a request with the mark.
    private func note(_ request: ArraySlice<UInt8>) {
        let mark = Array(Self.mark.utf8)
        guard let start = request.firstRange(of: mark)?.upperBound else { return }
        let number = request[start...].prefix { (0x30...0x39).contains($0) }
        arrivals += number
        arrivals += Array(" \(Self.microseconds)\n".utf8)
    }

    /// The monotonic clock, which all processes share.
    static var microseconds: Int { Int(MonotonicTime.now().nanoseconds / 1_000) }

    private func close(_ entry: inout pollfd) {
        connections[entry.fd] = nil
        Glibc.close(entry.fd)
        entry.fd = -1
    }
}
