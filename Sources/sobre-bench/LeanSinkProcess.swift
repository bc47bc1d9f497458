import Glibc

/// A ``LeanSink`` in a child process: this executable again, with arguments that call ``LeanSink/serve()``.
final class LeanSinkProcess {
    /// The port on which the child listens.
    let port: Int

    private let process: pid_t
    private var isStopped = false

    /// The URL of a path at the sink.
    func url(_ path: String = "/messages") -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Starts `program`, a path, with `arguments`, which must make it call ``LeanSink/serve()``.
    ///
    /// - Throws: ``LeanSink/Failed`` when no process can be created or it ends before it listens.
    init(program: String, arguments: [String]) throws(LeanSink.Failed) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw LeanSink.Failed(call: "pipe", number: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let result = posix_spawn(&process, program, &actions, nil, &words, environ)
        close(ends[1])
        guard result == 0 else { throw LeanSink.Failed(call: "posix_spawn", number: result) }
        self.process = process
        // The child writes its port as five digits and a line end.
        var text = [UInt8](repeating: 0, count: 6)
        var filled = 0
        while filled < text.count {
            let count = text.withUnsafeMutableBytes { read(ends[0], $0.baseAddress! + filled, $0.count - filled) }
            guard count > 0 else { break }
            filled += count
        }
        guard filled == 6, let port = UInt16(String(decoding: text.prefix(5), as: UTF8.self)) else {
            kill(process, SIGKILL)
            waitpid(process, nil, 0)
            throw LeanSink.Failed(call: "the child process", number: 0)
        }
        self.port = Int(port)
    }

    deinit {
        stop()
    }

    /// The number of posts that the sink has answered; -1 if it does not respond.
    var requests: Int {
        answer(to: "/count").split(separator: ":").last.flatMap { Int($0.prefix { $0.isNumber }) } ?? -1
    }

    /// When requests with a mark arrived, by the number after it, in microseconds of the monotonic clock.
    var arrivals: [Int: Int] {
        var arrivals: [Int: Int] = [:]
        for line in answer(to: "/arrivals").split(separator: "\n") {
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int(words[0]), let at = Int(words[1]) else { continue }
            arrivals[number] = arrivals[number] ?? at
        }
        return arrivals
    }

    /// The body of an answer; empty if the sink does not respond.
    private func answer(to path: String) -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(port).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) == 0 }
        }
        let request = Array("GET \(path) HTTP/1.1\r\n\r\n".utf8)
        guard isConnected, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            return ""
        }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return "" }
            received += buffer[..<count]
            let text = String(decoding: received, as: UTF8.self)
            guard let end = text.firstRange(of: "\r\n\r\n"), let field = text.firstRange(of: "Content-Length: ") else {
                continue
            }
            let wanted = Int(text[field.upperBound...].prefix { $0.isNumber }) ?? 0
            if text[end.upperBound...].utf8.count >= wanted { return String(text[end.upperBound...]) }
        }
    }

    /// Terminates the child and waits for it. Uses SIGKILL, because the child may have inherited a mask that blocks
    /// SIGTERM and has nothing to save.
    func stop() {
        guard !isStopped else { return }
        isStopped = true
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }
}
