import Glibc
import Synchronization

/// A small server on loopback that runs a script on every connection, each on its own thread.
///
/// `@unchecked Sendable`: the descriptor and the port are set only in `init`, and the mutex guards the rest.
final class TestServer: @unchecked Sendable {
    struct Failed: Error {
        let call: String
        let number: Int32
    }

    private struct State {
        var connections: [TestConnection] = []
        var accepted = 0
        var isStopped = false
    }

    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    /// Listens on a free port. `serve` runs once for each connection, which is closed when it returns.
    init(_ serve: @escaping @Sendable (TestConnection) -> Void) throws {
        (listener, port) = try Self.listen()
        runOnThread { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                let connection = TestConnection(descriptor)
                let isStopped = state.withLock { state in
                    state.accepted += 1
                    state.connections.append(connection)
                    return state.isStopped
                }
                guard !isStopped else {
                    connection.close()
                    break
                }
                runOnThread {
                    serve(connection)
                    connection.close()
                }
            }
            close(listener)
        }
    }

    /// Connections accepted so far.
    var accepted: Int { state.withLock { $0.accepted } }

    /// The URL of a path on this server.
    func url(_ path: String = "/", scheme: String = "http") -> String {
        "\(scheme)://127.0.0.1:\(port)\(path)"
    }

    /// Closes the listener and every connection, which ends the threads.
    func stop() {
        let connections = state.withLock { state in
            state.isStopped = true
            return state.connections
        }
        shutdown(listener, Int32(SHUT_RDWR))
        for connection in connections { connection.interrupt() }
    }

    /// A bound, listening socket on a free loopback port.
    static func listen() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failed(call: "socket", number: errno) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard bind(descriptor, pointer, length) == 0, Glibc.listen(descriptor, 512) == 0 else { return false }
                return getsockname(descriptor, pointer, &length) == 0
            }
        }
        guard result else { throw Failed(call: "bind", number: errno) }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }
}

/// Runs `body` on a new detached thread.
func runOnThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    let box = Unmanaged.passRetained(Box(body)).toOpaque()
    let result = pthread_create(
        &thread, nil,
        { box in
            if let box { Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body() }
            return nil
        }, box)
    precondition(result == 0, "The test cannot start a thread: error \(result).")
    pthread_detach(thread)
}
