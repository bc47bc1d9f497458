/// Where receipts go: `http://HOST:PORT/PATH`.
struct ReceiptURL: Hashable {
    let host: String
    let port: Int
    let path: String

    /// Nil when it is none that the sandbox can call.
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

    /// Whether it leads nowhere but to this machine: the only place to which a message may send the sandbox.
    var isLoopback: Bool { host == "localhost" || host == "127.0.0.1" || host == "[::1]" }
}
