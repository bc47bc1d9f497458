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
}
