import Glibc

@testable import Curl

/// Postfix's `smtp-sink` in a child process, on a free loopback port.
final class SMTPSink {
    static let path = "/usr/sbin/smtp-sink"

    static var isInstalled: Bool { access(path, X_OK) == 0 }

    let port: UInt16
    private let process: pid_t

    /// Starts the sink with additional options, and waits up to five seconds until it listens.
    init(_ options: [String]) throws {
        let (descriptor, port) = try TestServer.listen()
        close(descriptor)
        self.port = port
        // As root, the sink insists on dropping its privileges.
        let user = geteuid() == 0 ? ["-u", "nobody"] : []
        var words = ([Self.path] + user + options + ["127.0.0.1:\(port)", "512"]).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        let result = posix_spawn(&process, Self.path, nil, nil, &words, environ)
        guard result == 0 else { throw TestServer.Failed(call: "posix_spawn", number: result) }
        self.process = process
        let deadline = ContinuousClock.now + .seconds(5)
        while !Self.isListening(port) {
            guard ContinuousClock.now < deadline else {
                stop()
                throw TestServer.Failed(call: "smtp-sink", number: 0)
            }
            sched_yield()
        }
    }

    /// Terminates the child. It may have inherited a mask that blocks SIGTERM.
    func stop() {
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
    }

    private static func isListening(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
