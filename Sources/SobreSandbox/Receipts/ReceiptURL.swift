/// The destination of receipts: `http://HOST:PORT/PATH`.
struct ReceiptURL: Hashable {
    let host: String
    let port: Int
    let path: String

    /// Returns nil if it is not a URL that the sandbox can call.
    init?(_ text: String) {
        guard text.hasPrefix("http://"), text.utf8.count <= 512,
            !text.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7f })
        else { return nil }
        let rest = text.dropFirst(7)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard let colon = authority.lastIndex(of: ":"), let port = Int(authority[authority.index(after: colon)...]),
            (1...65_535).contains(port), colon > authority.startIndex
        else { return nil }
        host = String(authority[..<colon])
        self.port = port
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
    }

    /// Whether the host is this machine. A message's callback URL is only used if it is.
    var isLoopback: Bool { host == "localhost" || host == "127.0.0.1" || host == "[::1]" }
}
