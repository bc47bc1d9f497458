/// A text with `${PLACE}` in it: what a signature covers.
struct ReceiptText: Sendable {
    enum Part: Sendable {
        case text([UInt8])
        case place(ReceiptPlace)
    }

    let parts: [Part]

    /// - Throws: ``ExpressionError`` when a `${` is not closed or names no place.
    init(_ text: String) throws(ExpressionError) {
        var parts: [Part] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "${") {
            if open.lowerBound > rest.startIndex { parts.append(.text(Array(rest[..<open.lowerBound].utf8))) }
            guard let close = rest[open.upperBound...].firstIndex(of: "}") else {
                throw ExpressionError("\"${\" is not closed in \"\(text)\"")
            }
            parts.append(.place(try ReceiptPlace(String(rest[open.upperBound..<close]))))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.text(Array(rest.utf8))) }
        self.parts = parts
    }
}
