/// Validates a provider's URL: https, or http to this machine, without user name or fragment.
enum ProviderURL {
    static let maxBytes = 2048

    /// What is wrong with a URL; nil if it is valid.
    static func problem(in url: String) -> String? {
        if url.utf8.count > maxBytes { return "it is longer than \(maxBytes) bytes" }
        guard url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") && $0 != UInt8(ascii: "#") })
        else {
            return "it holds a space, a control character, a # or a non-ASCII character"
        }
        let isSecure = url.hasPrefix("https://")
        guard isSecure || url.hasPrefix("http://") else { return "it does not begin with https://" }
        let authority = url.dropFirst(isSecure ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
        if authority.contains("@") { return "it holds a user name; credentials belong under secrets" }
        guard let host = host(of: authority), !host.isEmpty else {
            return "it has no host, or no port that is a number"
        }
        if !isSecure, !isLoopback(host) { return "plain http is allowed only to this machine; use https" }
        return nil
    }

    /// Whether a valid URL points to this machine.
    static func isLoopback(url: String) -> Bool {
        host(ofURL: url).map(isLoopback) ?? false
    }

    /// The host of a valid URL, in brackets if it is an IPv6 address.
    static func host(ofURL url: String) -> Substring? {
        guard let start = url.range(ofMark: "://") else { return nil }
        return host(of: url[start...].prefix { $0 != "/" && $0 != "?" })
    }

    private static func host(of authority: Substring) -> Substring? {
        if authority.first == "[" {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            let rest = authority[authority.index(after: close)...]
            guard rest.isEmpty || rest.first == ":" && UInt16(rest.dropFirst()) != nil else { return nil }
            return authority[...close]
        }
        guard let colon = authority.firstIndex(of: ":") else { return authority }
        return UInt16(authority[authority.index(after: colon)...]) == nil ? nil : authority[..<colon]
    }

    static func isLoopback(_ host: some StringProtocol) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host.hasSuffix(".localhost") || host == "[::1]" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension String {
    /// The index after the first occurrence of a mark.
    fileprivate func range(ofMark mark: String) -> String.Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(mark) { return self.index(index, offsetBy: mark.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
