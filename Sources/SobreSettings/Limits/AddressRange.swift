import Glibc

/// An IP address, or a range of them in CIDR notation.
public struct AddressRange: Sendable, Hashable {
    private let network: [UInt8]
    private let bits: Int

    /// Parses an address such as `10.0.0.5`, or a range such as `10.0.0.0/24` or `2001:db8::/64`; nil if the text is
    /// neither.
    ///
    /// - Parameter text: the address or range. Bits behind the prefix are ignored.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let network = Self.bytes(of: String(parts[0])) else { return nil }
        let most = network.count * 8
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ $0 &- 0x30 < 10 }), let bits = Int(parts[1]), bits <= most else {
                return nil
            }
            self.bits = bits
        } else {
            bits = most
        }
        self.network = network
    }

    /// Whether an address lies in the range.
    ///
    /// - Parameter address: 4 bytes of IPv4 or 16 of IPv6, in network order.
    /// - Returns: false also for an address of the other family.
    public func contains(_ address: [UInt8]) -> Bool {
        guard address.count == network.count else { return false }
        let whole = bits / 8
        guard address[..<whole] == network[..<whole] else { return false }
        let rest = bits % 8
        guard rest > 0 else { return true }
        return (address[whole] ^ network[whole]) >> UInt8(8 - rest) == 0
    }

    /// The bytes of an address in network order.
    ///
    /// - Parameter text: an address without prefix and zone.
    /// - Returns: 4 bytes of IPv4 or 16 of IPv6; nil if the text is no address.
    public static func bytes(of text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes[..<4]) }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }
}
