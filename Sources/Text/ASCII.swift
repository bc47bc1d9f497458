/// Tests and conversions of single bytes by ASCII rules, without locale and Unicode.
extension UInt8 {
    /// `0` to `9`.
    @inlinable public var isASCIIDigit: Bool { self &- 0x30 < 10 }

    /// `A` to `Z` and `a` to `z`.
    @inlinable public var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }

    /// A letter or a digit.
    @inlinable public var isASCIIAlphanumeric: Bool { isASCIILetter || isASCIIDigit }

    /// A space, or one of the control characters from tab to carriage return.
    @inlinable public var isASCIISpace: Bool { self == 0x20 || self &- 0x09 < 5 }

    /// From space to `~`.
    @inlinable public var isASCIIPrintable: Bool { self &- 0x20 < 0x5F }

    /// An upper-case letter in lower case; any other byte unchanged.
    @inlinable public var asciiLowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }

    /// The value of a hexadecimal digit of either case; nil for any other byte.
    @inlinable public var hexadecimalValue: UInt8? {
        if isASCIIDigit { return self &- 0x30 }
        let letter = (self | 0x20) &- 0x61
        return letter < 6 ? letter &+ 10 : nil
    }

    /// The upper-case hexadecimal digit for a value from 0 to 15.
    @inlinable public var hexadecimalDigit: UInt8 { self < 10 ? 0x30 &+ self : 0x37 &+ self }

    /// The lower-case hexadecimal digit for a value from 0 to 15.
    @inlinable public var lowercaseHexadecimalDigit: UInt8 { self < 10 ? 0x30 &+ self : 0x57 &+ self }
}

extension StringProtocol {
    /// Whether all characters are ASCII.
    @inlinable public var isASCII: Bool { utf8.allSatisfy { $0 < 0x80 } }

    /// Whether two texts are equal, ignoring the case of ASCII letters.
    @inlinable
    public func equalsIgnoringASCIICase(_ other: some StringProtocol) -> Bool {
        utf8.elementsEqual(other.utf8) { $0.asciiLowercased == $1.asciiLowercased }
    }
}
