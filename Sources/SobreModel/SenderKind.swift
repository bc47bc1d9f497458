internal import Text

/// The kinds of sender that an SMS can have.
public enum SenderKind: String, CaseIterable, Sendable {
    /// `+` and 8 to 15 digits.
    case e164
    /// 3 to 8 digits.
    case shortCode = "short_code"
    /// 1 to 11 letters, digits, spaces and hyphens, one of them a letter.
    case alphanumeric

    /// Whether a sender is of this kind.
    public func matches(_ sender: String) -> Bool {
        let bytes = sender.utf8
        switch self {
        case .e164:
            return bytes.first == UInt8(ascii: "+") && (9...16).contains(bytes.count)
                && bytes.dropFirst().allSatisfy(\.isASCIIDigit)
        case .shortCode: return (3...8).contains(bytes.count) && bytes.allSatisfy(\.isASCIIDigit)
        case .alphanumeric:
            return (1...11).contains(bytes.count) && bytes.contains(where: \.isASCIILetter)
                && bytes.allSatisfy {
                    $0.isASCIIAlphanumeric || $0 == 0x20 || $0 == UInt8(ascii: "-")
                }
        }
    }
}
