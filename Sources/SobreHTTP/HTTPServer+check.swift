import Glibc

extension HTTPServer {
    /// Why the server could not listen now. Tries its addresses out and frees them at once.
    ///
    /// - Parameters:
    ///   - host: a host name or address.
    ///   - port: the port; 0 is always free.
    /// - Returns: nil when it could listen.
    public static func listeningFault(host: String, port: Int) -> HTTPServerError? {
        guard port > 0 else { return nil }
        // Without keys it listens on loopback first.
        for host in isLoopback(host) ? [host] : [loopback, host] {
            if let fault = bindingFault(host: host, port: port) { return fault }
        }
        return nil
    }

    private static func bindingFault(host: String, port: Int) -> HTTPServerError? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, "\(port)", &hints, &found)
        // The list and what it points to live until `freeaddrinfo`.
        guard code == 0, let address = found?.pointee else {
            return HTTPServerError(host: host, port: port, errorNumber: 0, what: String(cString: gai_strerror(code)))
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard descriptor >= 0, bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, 1) == 0
        else {
            let number = errno
            return HTTPServerError(
                host: host, port: port, errorNumber: number, what: String(cString: strerror(number)))
        }
        return nil
    }
}
