import Text

/// How text is escaped for the place it is written to.
enum Escaping: Sendable {
    /// Unchanged.
    case none
    /// Inside the quotes of a JSON string (RFC 8259 §7).
    case json
    /// A value of `application/x-www-form-urlencoded`.
    case form
    /// One segment of a URL's path: the `pchar` of RFC 3986 are unchanged; a slash is always escaped.
    case path
    /// A value of a URL's query.
    case query

    func append(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        switch self {
        case .none: out.append(contentsOf: text)
        case .json: Self.appendJSON(text, to: &out)
        case .form: PercentEncoding.append(text, keeping: PercentEncoding.form, spaceAsPlus: true, to: &out)
        case .path: PercentEncoding.append(text, keeping: PercentEncoding.pathSegment, to: &out)
        case .query: PercentEncoding.append(text, keeping: PercentEncoding.unreserved, to: &out)
        }
    }

    func append(_ text: String, to out: inout [UInt8]) {
        var text = text
        text.withUTF8 { append($0, to: &out) }
    }

    func append(_ bytes: [UInt8], to out: inout [UInt8]) {
        bytes.withUnsafeBufferPointer { append($0, to: &out) }
    }

    /// Begins the next field of `application/x-www-form-urlencoded`.
    static func appendFormName(_ name: String, to out: inout [UInt8]) {
        if !out.isEmpty { out.append(UInt8(ascii: "&")) }
        form.append(name, to: &out)
        out.append(UInt8(ascii: "="))
    }

    /// Copies runs that need no escape at once.
    private static func appendJSON(_ text: UnsafeBufferPointer<UInt8>, to out: inout [UInt8]) {
        var start = 0
        for index in 0..<text.count {
            let byte = text[index]
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            if start < index { out.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<index])) }
            start = index + 1
            out.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x0a: out.append(UInt8(ascii: "n"))
            case 0x0d: out.append(UInt8(ascii: "r"))
            case 0x09: out.append(UInt8(ascii: "t"))
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(byte)
            default:
                out.append(contentsOf: "u00".utf8)
                out.append((byte >> 4).hexadecimalDigit)
                out.append((byte & 15).hexadecimalDigit)
            }
        }
        if start < text.count { out.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...])) }
    }
}
