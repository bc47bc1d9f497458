import Glibc
import TestBed

/// Kept-alive connections to a server. Each has had one request, so that the server has everything that it keeps for a
/// connection, and then sends nothing.
final class IdleConnections {
    private var descriptors: [Int32] = []

    /// Opens them one by one.
    ///
    /// - Parameters:
    ///   - port: the server's port on loopback.
    ///   - count: how many.
    /// - Throws: `TestBed.Failure` when one is refused or its request is not answered.
    init(port: Int, count: Int) throws {
        let request = Array("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
        var answer = [UInt8](repeating: 0, count: 4_096)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        for number in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw TestBed.Failure("socket \(number): error \(errno)") }
            descriptors.append(descriptor)
            let isOpen = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            guard isOpen, send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count,
                recv(descriptor, &answer, answer.count, 0) > 0
            else { throw TestBed.Failure("connection \(number) got no answer: error \(errno)") }
        }
    }

    deinit { close() }

    /// Closes all of them.
    func close() {
        for descriptor in descriptors { _ = Glibc.close(descriptor) }
        descriptors = []
    }
}
