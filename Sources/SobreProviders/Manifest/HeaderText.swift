/// The text of a header's value.
enum HeaderText {
    /// Whether the bytes are visible ASCII and spaces.
    static func isValid(_ bytes: [UInt8]) -> Bool { bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f } }
}
