internal import NIOHTTP1
internal import Text

/// One complete request. The connection that read it has limited the size of its body.
struct HTTPRequest {
    let method: HTTPMethod
    /// The raw path, without the query.
    let path: Substring
    /// The raw query, without the question mark; empty if there is none.
    let query: Substring
    let headers: HTTPHeaders
    let body: [UInt8]

    init(head: HTTPRequestHead, body: [UInt8]) {
        method = head.method
        headers = head.headers
        self.body = body
        if let mark = head.uri.utf8.firstIndex(of: UInt8(ascii: "?")) {
            path = head.uri[..<mark]
            query = head.uri[head.uri.utf8.index(after: mark)...]
        } else {
            path = head.uri[...]
            query = ""
        }
    }

    /// The segments of the path, still percent-encoded.
    var segments: [Substring] { path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { $0 } }

    /// The query's items, decoded.
    var queryItems: FormFields { FormFields(query.utf8) }

    /// The first header with this name, ignoring case.
    func header(_ name: String) -> String? { headers.first(name: name) }

    /// The credentials after an authorization scheme such as `Bearer`; nil if the header is absent or has another
    /// scheme.
    func authorization(_ scheme: String) -> Substring? {
        guard let value = header("authorization"), let space = value.firstIndex(of: " "),
            value[..<space].equalsIgnoringASCIICase(scheme)
        else { return nil }
        return trimmed(value[space...])
    }
}

/// Decoded `application/x-www-form-urlencoded` fields in order (WHATWG URL §5.1).
struct FormFields {
    private(set) var items: [(name: String, value: String)] = []

    /// The most fields that are read. The rest is ignored.
    static let maxFields = 200

    init(_ text: some Collection<UInt8>) {
        for item in text.split(separator: UInt8(ascii: "&"), maxSplits: Self.maxFields) {
            let equals = item.firstIndex(of: UInt8(ascii: "="))
            let name = percentDecoded(item[..<(equals ?? item.endIndex)], plusAsSpace: true)
            let value = equals.map { percentDecoded(item[item.index(after: $0)...], plusAsSpace: true) } ?? ""
            items.append((name, value))
            if items.count == Self.maxFields { break }
        }
    }

    /// The first value with this name.
    subscript(name: String) -> String? {
        for item in items where item.name == name { return item.value }
        return nil
    }
}

/// Decodes the percent-escapes of a text. Invalid escapes are kept unchanged.
func percentDecoded(_ text: some Collection<UInt8>, plusAsSpace: Bool = false) -> String {
    String(
        decoding: PercentEncoding.decode(text, broken: .keep, plusAsSpace: plusAsSpace) ?? [], as: UTF8.self)
}
