/// The parts of an absolute URL that signatures cover.
struct URLParts {
    /// The host, with its port if that is not the scheme's own.
    let host: String
    /// The path, percent-encoded; `/` if there is none.
    let path: String
    /// The query without the question mark; empty if there is none.
    let query: String

    init(_ url: String) {
        let bytes = url.utf8
        var start = bytes.startIndex
        if let scheme = url.firstRange(of: "://") { start = scheme.upperBound }
        let end = bytes[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.endIndex
        let mark = bytes[end...].firstIndex(of: UInt8(ascii: "?")) ?? bytes.endIndex
        let ownPort = url.hasPrefix("https:") ? ":443" : ":80"
        let authority = String(url[start..<end]).lowercased()
        host = authority.hasSuffix(ownPort) ? String(authority.dropLast(ownPort.utf8.count)) : authority
        path = end == mark ? "/" : String(url[end..<mark])
        query = mark == bytes.endIndex ? "" : String(url[bytes.index(after: mark)...])
    }

    /// Path and query, as in the first line of the request.
    var target: String { query.isEmpty ? path : "\(path)?\(query)" }
}
