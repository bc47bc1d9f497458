/// One tag of an HTML text: its name, and its attributes on request.
public struct HTMLTag: Sendable {
    /// In lower case.
    public let name: String
    public let isClosing: Bool
    /// The index of the `<`.
    public let start: Int
    /// The index after the `>`.
    public let end: Int
    private let html: [UInt8]
    private let attributes: Range<Int>

    private static let void: Set<String> = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]

    /// Whether it has no content, by its kind or because of `/>`.
    public var closesItself: Bool {
        Self.void.contains(name) || !attributes.isEmpty && html[attributes.upperBound - 1] == UInt8(ascii: "/")
    }

    /// - Parameters:
    ///   - html: the whole document.
    ///   - start: the index of the `<`.
    public init(_ html: [UInt8], at start: Int) {
        self.html = html
        self.start = start
        var at = start + 1
        isClosing = at < html.count && html[at] == UInt8(ascii: "/")
        if isClosing { at += 1 }
        let nameStart = at
        while at < html.count, (html[at] | 0x20) &- 0x61 < 26 || html[at] &- 0x30 < 10 || html[at] == UInt8(ascii: "-")
        {
            at += 1
        }
        let length = at - nameStart
        name = String(unsafeUninitializedCapacity: length) { letters in
            for index in 0..<length {
                let byte = html[nameStart + index]
                letters[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
            }
            return length
        }
        let attributeStart = at
        // A `>` inside a quoted value does not end the tag. A quote begins a value only directly after `=`.
        var isBeforeValue = false
        while at < html.count, html[at] != UInt8(ascii: ">") {
            let byte = html[at]
            at += 1
            if isBeforeValue, byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                while at < html.count, html[at] != byte { at += 1 }
                at = min(at + 1, html.count)
                isBeforeValue = false
            } else if !Self.isSpace(byte) {
                isBeforeValue = byte == UInt8(ascii: "=")
            }
        }
        attributes = attributeStart..<at
        end = min(at + 1, html.count)
    }

    /// The value of an attribute with its entities decoded; nil if it is absent.
    ///
    /// - Parameter wanted: the attribute's name in lower case.
    /// - Returns: the first value with that name.
    public func attribute(_ wanted: String) -> [UInt8]? {
        var found: [UInt8]?
        eachAttribute { name, value in
            guard name.elementsEqual(wanted.utf8, by: { ($0 &- 0x41 < 26 ? $0 | 0x20 : $0) == $1 }) else { return true }
            found = HTMLEntity.decode(value)
            return false
        }
        return found
    }

    /// Calls `body` with the name and the raw value of each attribute until it returns false.
    ///
    /// - Parameter body: gets the name as written, and the value with its entities; empty without one.
    public func eachAttribute(_ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Bool) {
        var at = attributes.lowerBound
        let limit = attributes.upperBound
        while at < limit {
            while at < limit, Self.isSpace(html[at]) || html[at] == UInt8(ascii: "/") { at += 1 }
            let nameStart = at
            while at < limit, !Self.isSpace(html[at]), html[at] != UInt8(ascii: "="), html[at] != UInt8(ascii: "/") {
                at += 1
            }
            let name = html[nameStart..<at]
            while at < limit, Self.isSpace(html[at]) { at += 1 }
            var value = html[at..<at]
            if at < limit, html[at] == UInt8(ascii: "=") {
                at += 1
                while at < limit, Self.isSpace(html[at]) { at += 1 }
                if at < limit, html[at] == UInt8(ascii: "\"") || html[at] == UInt8(ascii: "'") {
                    let quote = html[at]
                    let start = at + 1
                    at = html[start..<limit].firstIndex(of: quote) ?? limit
                    value = html[start..<at]
                    at = min(at + 1, limit)
                } else {
                    let start = at
                    while at < limit, !Self.isSpace(html[at]) { at += 1 }
                    value = html[start..<at]
                }
            }
            if !name.isEmpty, !body(name, value) { return }
            if at == nameStart { at += 1 }
        }
    }

    /// Whether its style or attribute hides it, as for hidden preheaders.
    public var isHidden: Bool {
        guard !isClosing, attributes.count > 5 else { return false }
        var isHidden = false
        eachAttribute { name, value in
            if Self.isName(name, "hidden") {
                isHidden = true
            } else if Self.isName(name, "style") {
                isHidden = isHidden || Self.hides(HTMLEntity.decode(value))
            }
            return !isHidden
        }
        return isHidden
    }

    private static func isName(_ name: ArraySlice<UInt8>, _ wanted: StaticString) -> Bool {
        guard name.count == wanted.utf8CodeUnitCount else { return false }
        for index in 0..<name.count {
            let byte = name[name.startIndex + index]
            if (byte &- 0x41 < 26 ? byte | 0x20 : byte) != wanted.utf8Start[index] { return false }
        }
        return true
    }

    /// Whether a style has `display: none`.
    private static func hides(_ style: [UInt8]) -> Bool {
        style.split(separator: UInt8(ascii: ";")).contains { declaration in
            let compact = declaration.filter { !Self.isSpace($0) }.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }
            return compact.starts(with: "display:none".utf8)
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }
}
