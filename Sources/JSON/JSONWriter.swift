/// Writes one JSON text into bytes, front to back.
///
/// Commas and colons are added automatically: inside an object, call ``key(_:)`` and then write one value; inside an
/// array, write values. The caller must pair begin and end; this is not checked. Uses no Foundation and no
/// intermediate values.
public struct JSONWriter: Sendable {
    /// Which characters are escaped in addition to those that JSON requires.
    public enum Escaping: Sendable, Hashable {
        /// Quotes, backslashes and control characters.
        case standard
        /// Also `<`, `>`, `&`, U+2028 and U+2029, so that the text is safe inside an HTML `<script>`.
        case html
    }

    /// The bytes written so far.
    public private(set) var bytes: [UInt8]
    let escaping: Escaping
    let indentation: Int
    private var depth = 0
    private var needsComma = false
    private var afterKey = false

    /// Makes a writer.
    ///
    /// - Parameters:
    ///   - bytes: the bytes to append to, without a separator.
    ///   - escaping: which characters are escaped.
    ///   - indentation: the number of spaces per level; 0 writes everything on one line.
    public init(appendingTo bytes: consuming [UInt8] = [], escaping: Escaping = .standard, indentation: Int = 0) {
        self.bytes = bytes
        self.escaping = escaping
        self.indentation = max(0, indentation)
    }

    /// The text written so far.
    public var string: String { String(decoding: bytes, as: UTF8.self) }

    /// Begins an object as the next value.
    public mutating func beginObject() { open(UInt8(ascii: "{")) }
    /// Ends the object that was begun last.
    public mutating func endObject() { close(UInt8(ascii: "}")) }
    /// Begins an array as the next value.
    public mutating func beginArray() { open(UInt8(ascii: "[")) }
    /// Ends the array that was begun last.
    public mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Writes an object whose members `body` writes.
    public mutating func object<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginObject()
        try body(&self)
        endObject()
    }

    /// Writes an array whose elements `body` writes.
    public mutating func array<E: Error>(_ body: (inout JSONWriter) throws(E) -> Void) throws(E) {
        beginArray()
        try body(&self)
        endArray()
    }

    /// Writes a member's key. Its value must follow.
    public mutating func key(_ key: String) {
        beginItem()
        escaping.appendString(key, to: &bytes)
        endKey()
    }

    /// Writes a member's key that needs no escaping. It must be plain ASCII; this is not checked.
    public mutating func key(_ key: StaticString) {
        beginItem()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        endKey()
    }

    /// Starts a new line after a complete value, as NDJSON requires.
    public mutating func newline() {
        bytes.append(0x0A)
        needsComma = false
    }

    /// Returns the bytes written so far and empties the writer.
    public mutating func take() -> [UInt8] {
        defer {
            bytes = []
            needsComma = false
        }
        return bytes
    }

    /// Writes one value. `body` appends its complete text.
    mutating func item(_ body: (inout [UInt8]) -> Void) {
        beginItem()
        body(&bytes)
        needsComma = true
    }

    private mutating func beginItem() {
        if afterKey {
            afterKey = false
            return
        }
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        if depth > 0 { breakLine() }
    }

    private mutating func endKey() {
        bytes.append(UInt8(ascii: ":"))
        if indentation > 0 { bytes.append(0x20) }
        needsComma = false
        afterKey = true
    }

    private mutating func open(_ bracket: UInt8) {
        beginItem()
        bytes.append(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        depth -= 1
        if needsComma { breakLine() }
        bytes.append(bracket)
        needsComma = true
    }

    private mutating func breakLine() {
        guard indentation > 0 else { return }
        bytes.append(0x0A)
        bytes.append(contentsOf: repeatElement(0x20, count: depth * indentation))
    }
}
