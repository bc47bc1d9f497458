internal import Text

/// One part of an email that somebody else wrote, read with tolerance: what is wrong or missing is read as empty.
///
/// Line ends are LF here, whatever they were. Nesting and the number of parts are bounded.
struct MIMEPart {
    /// Field names in lower case, values on one line, from top to bottom.
    let fields: [(name: String, value: String)]
    /// The media type in lower case; `text/plain` if there is none.
    let type: String
    private let parameters: [String: String]
    /// The content as it was sent.
    let body: ArraySlice<UInt8>
    /// The parts of a multipart, or the one email in a `message/rfc822`.
    private(set) var parts: [MIMEPart] = []

    private static let maxDepth = 8
    private static let maxParts = 64
    private static let maxFields = 400

    /// Reads an email.
    ///
    /// - Parameter bytes: the email, perhaps without its end, with line ends of any kind.
    init(_ bytes: [UInt8]) {
        var budget = Self.maxParts
        self.init(Self.normalised(bytes)[...], defaultType: "text/plain", depth: 0, budget: &budget)
    }

    private init(_ bytes: ArraySlice<UInt8>, defaultType: String, depth: Int, budget: inout Int) {
        let (fields, body) = Self.header(of: bytes)
        self.fields = fields
        self.body = body
        let content = fields.first { $0.name == "content-type" }?.value ?? ""
        let pieces = Self.parameters(of: content)
        type = pieces.value.contains("/") ? pieces.value : defaultType
        parameters = pieces.parameters
        guard depth < Self.maxDepth else { return }
        if type.hasPrefix("multipart/"), let boundary = parameters["boundary"], !boundary.isEmpty {
            let inner = type == "multipart/digest" ? "message/rfc822" : "text/plain"
            for part in Self.split(body, at: boundary) where budget > 0 {
                budget -= 1
                parts.append(MIMEPart(part, defaultType: inner, depth: depth + 1, budget: &budget))
            }
        } else if Self.emails.contains(type), budget > 0 {
            budget -= 1
            parts = [MIMEPart(decoded[...], defaultType: "text/plain", depth: depth + 1, budget: &budget)]
        }
    }

    private static let emails: Set = [
        "message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers", "message/global-headers",
        "text/rfc822",
    ]

    /// The first value of a field; nil if there is none.
    subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

    /// Whether this part holds another email or its header.
    var isEmail: Bool { Self.emails.contains(type) }

    /// This part and all parts in it, in order.
    var all: [MIMEPart] { [self] + parts.flatMap(\.all) }

    /// The content without its transfer encoding.
    var decoded: [UInt8] {
        switch self["content-transfer-encoding"]?.lowercased() {
        case let encoding? where encoding.hasPrefix("quoted-printable"): Self.quotedPrintable(body)
        case let encoding? where encoding.hasPrefix("base64"): Self.base64(body)
        default: Array(body)
        }
    }

    /// The content as text.
    var text: String { Self.text(decoded, charset: parameters["charset"]) }

    // MARK: - Reading

    /// LF for CRLF and for a CR alone, without the separator line of an mbox.
    private static func normalised(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated() {
            if byte != 0x0d {
                out.append(byte)
            } else if index + 1 >= bytes.count || bytes[index + 1] != 0x0a {
                out.append(0x0a)
            }
        }
        var start = out.firstIndex { $0 != 0x0a } ?? 0
        while out[start...].starts(with: "From ".utf8) || out[start...].starts(with: ">From ".utf8) {
            start = out[start...].firstIndex(of: 0x0a).map { $0 + 1 } ?? out.count
        }
        if start > 0 { out.removeFirst(start) }
        return out
    }

    private static func header(
        of bytes: ArraySlice<UInt8>
    ) -> (fields: [(name: String, value: String)], body: ArraySlice<UInt8>) {
        var fields: [(name: String, value: String)] = []
        var rest = bytes
        while !rest.isEmpty, fields.count < maxFields {
            if rest.first == 0x0a { return (fields, rest.dropFirst()) }
            let end = rest.firstIndex(of: 0x0a) ?? rest.endIndex
            let line = rest[..<end]
            if line.first == 0x20 || line.first == 0x09 {
                let more = text(Array(line), charset: nil).trimmed
                if more.isEmpty, line.count < 2 { return (fields, rest[end...].dropFirst()) }
                if !fields.isEmpty { fields[fields.count - 1].value += " " + more }
            } else if let colon = line.firstIndex(of: UInt8(ascii: ":")) {
                let name = text(Array(line[..<colon]), charset: nil).trimmed.lowercased()
                // What is no field ends the header of an email whose empty line was lost.
                if name.contains(" ") { return (fields, rest) }
                fields.append((name, text(Array(line[(colon + 1)...]), charset: nil).trimmed))
            } else if !fields.isEmpty {
                return (fields, rest)
            }
            rest = rest[end...].dropFirst()
        }
        return (fields, rest)
    }

    /// A value such as `text/plain; charset="utf-8"`.
    static func parameters(of text: String) -> (value: String, parameters: [String: String]) {
        var pieces: [String] = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == ";", !isQuoted { pieces.append("") } else { pieces[pieces.count - 1].append(character) }
        }
        var parameters: [String: String] = [:]
        for piece in pieces.dropFirst() {
            guard let equals = piece.firstIndex(of: "=") else { continue }
            let name = piece[..<equals].trimmed.lowercased()
            let value = piece[piece.index(after: equals)...].trimmed
            parameters[name] = value.hasPrefix("\"") ? String(value.dropFirst().prefix { $0 != "\"" }) : value
        }
        return (pieces[0].trimmed.lowercased(), parameters)
    }

    /// The parts between the lines `--boundary`. Text before the first and after the last is left out.
    private static func split(_ body: ArraySlice<UInt8>, at boundary: String) -> [ArraySlice<UInt8>] {
        let mark = Array("--\(boundary)".utf8)
        var parts: [ArraySlice<UInt8>] = []
        var start: Int?
        var line = body.startIndex
        while line < body.endIndex, parts.count < maxParts {
            let end = body[line...].firstIndex(of: 0x0a) ?? body.endIndex
            if body[line..<end].starts(with: mark) {
                if let start { parts.append(body[start..<max(start, line - 1)]) }
                start = min(end + 1, body.endIndex)
                if body[line..<end].dropFirst(mark.count).starts(with: "--".utf8) { return parts }
            }
            line = end + 1
        }
        // The email was cut, or its last boundary is missing.
        if let start, start < body.endIndex { parts.append(body[start...]) }
        return parts
    }

    // MARK: - Decoding

    static func quotedPrintable(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var rest = bytes
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "=") else {
                out.append(byte)
                continue
            }
            if rest.first == 0x0a {
                rest = rest.dropFirst()
            } else if let high = rest.first?.hexadecimalValue, let low = rest.dropFirst().first?.hexadecimalValue {
                out.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte)
            }
        }
        return out
    }

    /// Base64 of which an invalid character ends nothing.
    static func base64(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            let value: UInt8
            switch byte {
            case 0x41...0x5a: value = byte - 0x41
            case 0x61...0x7a: value = byte - 0x61 + 26
            case 0x30...0x39: value = byte - 0x30 + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: continue
            }
            bits = bits << 6 | UInt32(value)
            count += 1
            if count == 4 {
                out += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                (bits, count) = (0, 0)
            }
        }
        if count > 1 { out.append(UInt8((count == 2 ? bits >> 4 : bits >> 10) & 255)) }
        if count > 2 { out.append(UInt8(bits >> 2 & 255)) }
        return out.contains(0x0d) ? normalised(out) : out
    }

    /// UTF-8 where it is valid, else Latin-1. The letters of ISO 2022 are left out, because their bytes look like ASCII.
    private static func text(_ bytes: [UInt8], charset: String?) -> String {
        if charset?.lowercased().hasPrefix("iso-2022") == true || bytes.contains(0x1b) {
            return String(decoding: withoutShifted(bytes), as: UTF8.self)
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        return String(String.UnicodeScalarView(bytes.map { UnicodeScalar($0) }))
    }

    private static func withoutShifted(_ bytes: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var isShifted = false
        var rest = bytes[...]
        while let byte = rest.popFirst() {
            if byte == 0x1b {
                isShifted = rest.first == UInt8(ascii: "$")
                rest = rest.dropFirst(isShifted && rest.dropFirst().first == UInt8(ascii: "(") ? 3 : 2)
                out.append(0x20)
            } else if !isShifted || byte == 0x0a {
                if byte == 0x0a { isShifted = false }
                out.append(byte)
            }
        }
        return out
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    var trimmed: String {
        var text = self[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
