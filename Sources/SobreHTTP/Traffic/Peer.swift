import NIOCore
import SobreSettings

/// The far end of a connection, as far as it is counted: an IPv4 address, or the /64 network of an IPv6 address, which
/// is what one subscriber gets.
struct Peer: Hashable, Sendable {
    private let network: [UInt8]

    /// Makes the peer of an address of 4 or 16 bytes.
    init(address: [UInt8]) { network = address.count == 4 ? address : Array(address.prefix(8)) }

    /// The bytes of an IP address in network order. An IPv4 address within IPv6 (`::ffff:192.0.2.1`) has 4. Nil: not IP.
    static func bytes(of address: SocketAddress?) -> [UInt8]? {
        guard let bytes = address?.ipAddress.flatMap({ AddressRange.bytes(of: $0) }) else { return nil }
        let isMapped = bytes.count == 16 && bytes[..<10].allSatisfy { $0 == 0 } && bytes[10...11] == [0xFF, 0xFF]
        return isMapped ? Array(bytes[12...]) : bytes
    }
}
