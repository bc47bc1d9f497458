import Glibc
import ServiceLifecycle

/// Tells systemd how a service of `Type=notify` does (sd_notify(3)): a datagram to the socket that `NOTIFY_SOCKET` names.
///
/// Without that variable nothing is sent. A message that cannot be sent is lost: there is nobody else to tell, and
/// systemd ends a service that does not become ready.
struct ServiceNotifier: Sendable {
    private let socketPath: String?

    /// Makes the notifier; `socketPath` defaults to what the environment names.
    init(socketPath: String? = getenv("NOTIFY_SOCKET").map { String(cString: $0) }) {
        self.socketPath = socketPath.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    }

    /// Says that the service accepts requests.
    func ready(_ status: String) { notify("READY=1\nSTATUS=\(status)") }

    /// Says that the service reads its files again; ``ready(_:)`` says when it is done.
    func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        // By this time systemd tells it from an earlier reload.
        let microseconds = time.tv_sec * 1_000_000 + time.tv_nsec / 1_000
        notify("RELOADING=1\nMONOTONIC_USEC=\(microseconds)\nSTATUS=reading settings, providers, templates and policy")
    }

    /// Says that the service is about to end.
    func stopping() { notify("STOPPING=1\nSTATUS=draining") }

    private func notify(_ text: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // A name in the abstract namespace begins with a NUL byte, which the variable writes as "@".
        let path = (socketPath.hasPrefix("@") ? [0] : [UInt8(ascii: "/")]) + Array(socketPath.utf8.dropFirst())
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = MemoryLayout.size(ofValue: address.sun_family) + path.count
        let message = Array(text.utf8)
        // The system reads the address and the message during the call only.
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = sendto(
                    descriptor, message, message.count, Int32(MSG_NOSIGNAL), address, socklen_t(length))
            }
        }
    }
}

/// Tells systemd that the service stops, as soon as it begins to.
struct StopNotice: Service {
    let notifier: ServiceNotifier

    func run() async throws {
        // It also stops when another service has failed.
        try? await gracefulShutdown()
        notifier.stopping()
    }
}
