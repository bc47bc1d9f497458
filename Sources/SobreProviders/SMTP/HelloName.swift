internal import DomainNames
internal import Glibc

/// The name with which this machine greets a mail server (RFC 5321 §2.3.5, §4.1.3): its own if that is qualified,
/// otherwise one of its addresses in brackets. Relays refuse a bare host name.
enum HelloName {
    /// The name of this machine.
    static var machine: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Whether a host name has a domain that others can know.
    static func isQualified(_ name: String) -> Bool {
        guard let ascii = DomainName.ascii(name), let dot = ascii.firstIndex(of: ".") else { return false }
        let domain = ascii[ascii.index(after: dot)...].lowercased()
        return !domain.isEmpty && !["localdomain", "local", "internal", "lan"].contains(domain)
    }

    /// The name to greet with where the settings name none.
    ///
    /// - Parameters:
    ///   - machine: the name of this machine.
    ///   - address: an address of this machine, as the relay sees it.
    /// - Returns: a domain name, or an address in brackets.
    static func standard(machine: String, address: @autoclosure () -> String) -> String {
        if isQualified(machine), let ascii = DomainName.ascii(machine) { return ascii }
        let address = address()
        return address.contains(":") ? "[IPv6:\(address)]" : "[\(address)]"
    }

    /// An address of this machine: the loopback's towards a relay on this machine, else the first one that is not
    /// link-local, IPv4 before IPv6.
    static func address(towardsLoopback isLoopback: Bool) -> String {
        if isLoopback { return "127.0.0.1" }
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return "127.0.0.1" }
        // The list belongs to us until it is freed, and nothing of it is kept.
        defer { freeifaddrs(list) }
        var found: [String] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr, entry.ifa_flags & UInt32(IFF_UP) != 0,
                entry.ifa_flags & UInt32(IFF_LOOPBACK) == 0
            else { continue }
            if let text = text(of: address) { found.append(text) }
        }
        return found.first { !$0.contains(":") } ?? found.first ?? "127.0.0.1"
    }

    /// An IPv4 or IPv6 address as text; nil for others and for link-local ones.
    private static func text(of address: UnsafeMutablePointer<sockaddr>) -> String? {
        let family = Int32(address.pointee.sa_family)
        let size = family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
        guard family == AF_INET || family == AF_INET6 else { return nil }
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let code = getnameinfo(
            address, socklen_t(size), &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard code == 0 else { return nil }
        let name = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return name.hasPrefix("fe80") || name.hasPrefix("169.254.") || name.contains("%") ? nil : name
    }
}
