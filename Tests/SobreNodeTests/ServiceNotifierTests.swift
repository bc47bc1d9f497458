import Foundation
import Testing

@testable import SobreNode

/// Receives what systemd would.
@Suite struct ServiceNotifierTests {
    private final class Receiver {
        let descriptor: Int32

        /// Binds a socket to the bytes of a path or of an abstract name.
        init(_ path: [UInt8]) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
            let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            try #require(bound == 0)
            var patience = timeval(tv_sec: 5, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        }

        deinit { close(descriptor) }

        func next() -> String {
            var bytes = [UInt8](repeating: 0, count: 1_000)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
    }

    @Test func `readiness, a reload and the stop reach the socket that the environment names`() throws {
        let path = "/tmp/sobre-notify-\(getpid())"
        unlink(path)
        defer { unlink(path) }
        let receiver = try Receiver(Array(path.utf8))
        let notifier = ServiceNotifier(socketPath: path)
        notifier.ready("listening on http://127.0.0.1:8480")
        #expect(receiver.next() == "READY=1\nSTATUS=listening on http://127.0.0.1:8480")
        notifier.reloading()
        let lines = receiver.next().split(separator: "\n")
        #expect(lines.first == "RELOADING=1" && lines.count == 3)
        // systemd ignores a time that lies before an earlier reload's.
        #expect(Int(lines[1].dropFirst("MONOTONIC_USEC=".count)) ?? 0 > 0, "\(lines)")
        notifier.stopping()
        #expect(receiver.next() == "STOPPING=1\nSTATUS=draining")
    }

    @Test func `a socket in the abstract namespace is reached`() throws {
        let name = "sobre-notify-\(getpid())"
        let receiver = try Receiver([0] + Array(name.utf8))
        ServiceNotifier(socketPath: "@\(name)").ready("x")
        #expect(receiver.next() == "READY=1\nSTATUS=x")
    }

    @Test(arguments: [nil, "", "relative", "/nowhere/at/all", "/" + String(repeating: "x", count: 200)])
    func `without a socket nothing happens`(path: String?) {
        ServiceNotifier(socketPath: path).ready("x")
    }
}
