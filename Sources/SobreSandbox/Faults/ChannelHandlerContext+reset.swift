import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

extension ChannelHandlerContext {
    /// Resets the connection. Its peer receives RST instead of FIN.
    func reset() {
        // With a linger time of zero, close(2) sends RST (socket(7)).
        _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        close(promise: nil)
    }
}
