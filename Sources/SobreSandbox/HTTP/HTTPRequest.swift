internal import NIOHTTP1

/// One whole request, its body bounded by the connection that read it.
struct HTTPRequest {
    let method: HTTPMethod
    /// The path as it was sent, without the query.
    let path: Substring
    /// The query as it was sent, without the question mark; empty when there is none.
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

    /// The path's parts between its slashes, still percent-encoded.
    var segments: [Substring] { path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { $0 } }

    /// The query's items, decoded.
    var queryItems: FormFields { FormFields(query.utf8) }

    /// The first header with this name, whatever its case.
    func header(_ name: String) -> String? { headers.first(name: name) }

    /// The credentials after an authorization scheme such as `Bearer`; nil when the header is absent or another scheme.
    func authorization(_ scheme: String) -> Substring? {
        guard let value = header("authorization"), let space = value.firstIndex(of: " "),
            equalFolded(value[..<space], scheme)
        else { return nil }
        return trimmed(value[space...])
    }
}

/// Decoded `application/x-www-form-urlencoded` fields in their order (WHATWG URL §5.1).
struct FormFields {
    private(set) var items: [(name: String, value: String)] = []

    /// The most fields that are read; what follows is ignored.
    static let maxFields = 200

    init(_ text: some Collection<UInt8>) {
        for item in text.split(separator: UInt8(ascii: "&"), maxSplits: Self.maxFields) {
            let equals = item.firstIndex(of: UInt8(ascii: "="))
            let name = percentDecoded(item[..<(equals ?? item.endIndex)], plusIsSpace: true)
            let value = equals.map { percentDecoded(item[item.index(after: $0)...], plusIsSpace: true) } ?? ""
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

/// A text with its percent-escapes decoded; an escape that is none stays as it is.
func percentDecoded(_ text: some Collection<UInt8>, plusIsSpace: Bool = false) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var index = text.startIndex
    while index != text.endIndex {
        let byte = text[index]
        index = text.index(after: index)
        if byte == UInt8(ascii: "+"), plusIsSpace {
            bytes.append(0x20)
            continue
        }
        if byte == UInt8(ascii: "%"), index != text.endIndex {
            let second = text.index(after: index)
            if second != text.endIndex, let high = hexDigit(text[index]), let low = hexDigit(text[second]) {
                bytes.append(high << 4 | low)
                index = text.index(after: second)
                continue
            }
        }
        bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
}

/// The value of a hexadecimal digit.
func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x41 + 10
    case 0x61...0x66: byte - 0x61 + 10
    default: nil
    }
}
