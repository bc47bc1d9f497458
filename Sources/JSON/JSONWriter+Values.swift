extension JSONWriter {
    /// Writes `null`.
    public mutating func null() { item { $0.append(contentsOf: "null".utf8) } }

    /// Writes a string.
    public mutating func value(_ text: String) {
        let escaping = escaping
        item { escaping.appendString(text, to: &$0) }
    }

    /// Writes a string given as UTF-8. Invalid sequences are replaced.
    public mutating func value(utf8 text: some Collection<UInt8>) { value(String(decoding: text, as: UTF8.self)) }

    /// Writes an integer.
    public mutating func value(_ number: Int) { item { appendDecimal(Int64(number), to: &$0) } }

    /// Writes an integer.
    public mutating func value(_ number: Int64) { item { appendDecimal(number, to: &$0) } }

    /// Writes an integer.
    public mutating func value(_ number: UInt64) { item { $0.append(contentsOf: number.description.utf8) } }

    /// Writes a number in the fewest digits that read back as the same double. Writes `null` for a number that JSON
    /// cannot represent.
    public mutating func value(_ number: Double) { item { appendDouble(number, to: &$0) } }

    /// Writes `true` or `false`.
    public mutating func value(_ flag: Bool) { item { $0.append(contentsOf: (flag ? "true" : "false").utf8) } }

    /// Writes a string, or `null`.
    public mutating func value(_ text: String?) { if let text { value(text) } else { null() } }

    /// Writes an integer, or `null`.
    public mutating func value(_ number: Int?) { if let number { value(number) } else { null() } }

    /// Writes a number, or `null`.
    public mutating func value(_ number: Double?) { if let number { value(number) } else { null() } }

    /// Writes `true`, `false` or `null`.
    public mutating func value(_ flag: Bool?) { if let flag { value(flag) } else { null() } }

    /// Writes strings as an array.
    public mutating func value(_ texts: [String]) {
        beginArray()
        for text in texts { value(text) }
        endArray()
    }

    /// Writes a document's value exactly as in its source.
    public mutating func value(_ ref: JSONRef) { raw(ref.rawBytes) }

    /// Writes a text that is already one JSON value. The text is not checked.
    public mutating func raw(_ json: some Sequence<UInt8>) { item { $0.append(contentsOf: json) } }

    /// Writes a member whose value is a string, or nothing if it is nil.
    public mutating func member(_ name: StaticString, ifPresent text: String?) {
        guard let text else { return }
        key(name)
        value(text)
    }

    /// Writes a member whose value is a string.
    public mutating func member(_ name: StaticString, _ text: String) {
        key(name)
        value(text)
    }

    /// Writes a member whose value is an integer.
    public mutating func member(_ name: StaticString, _ number: Int) {
        key(name)
        value(number)
    }

    /// Writes a member whose value is a number.
    public mutating func member(_ name: StaticString, _ number: Double) {
        key(name)
        value(number)
    }

    /// Writes a member whose value is `true` or `false`.
    public mutating func member(_ name: StaticString, _ flag: Bool) {
        key(name)
        value(flag)
    }
}

/// Appends the decimal digits of a number.
func appendDecimal(_ number: Int64, to bytes: inout [UInt8]) {
    if number >= 0, number < 10 {
        bytes.append(0x30 + UInt8(truncatingIfNeeded: number))
    } else {
        // At most 20 digits; up to 15 fit in a small string.
        bytes.append(contentsOf: number.description.utf8)
    }
}

/// Appends the shortest text that reads back as the same double. A whole number has no ".0".
func appendDouble(_ number: Double, to bytes: inout [UInt8]) {
    guard number.isFinite else {
        bytes.append(contentsOf: "null".utf8)
        return
    }
    var text = number.description
    if text.hasSuffix(".0") { text.removeLast(2) }
    bytes.append(contentsOf: text.utf8)
}
