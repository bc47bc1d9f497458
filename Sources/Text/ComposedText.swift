// The standard library composes texts for its own comparisons, and gives that to the system's libraries only. The
// public way would be Foundation, which this program does without.
@_spi(_Unicode) import Swift

extension StringProtocol {
    /// The text in Unicode's form C, in which two spellings that look the same, such as `é` as one character or as `e`
    /// with U+0301, have the same bytes.
    public var composed: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return String(self) }
        var scalars = String.UnicodeScalarView()
        for scalar in String(self)._nfc { scalars.append(scalar) }
        return String(scalars)
    }
}
