/// A text that is not a duration, or a duration that is out of range.
public struct DurationError: Error, Hashable, CustomStringConvertible {
    /// The text that was read.
    public let text: String
    /// The allowed range when the duration is outside it; nil when the text is not a duration.
    public let range: ClosedRange<Duration>?

    /// What is wrong, to be put after the text: `is not a duration.` or `is out of range.`
    public var fault: String { range == nil ? "is not a duration." : "is out of range." }

    /// What would be right: the format of a duration, or the allowed range.
    public var expected: String {
        range.map { "\(DurationText.exact($0.lowerBound)) to \(DurationText.exact($0.upperBound))" }
            ?? DurationText.hint
    }

    public var description: String { "\"\(text)\" \(fault) Expected: \(expected)." }
}
