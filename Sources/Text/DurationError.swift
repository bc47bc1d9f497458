/// A text that is not a duration, or one outside its limits.
public struct DurationError: Error, Hashable, CustomStringConvertible {
    /// What was written.
    public let text: String
    /// The limits that it breaks; nil when it is not a duration.
    public let range: ClosedRange<Duration>?

    /// What is wrong, to follow the text: `is not a duration.`, `is out of range.`
    public var fault: String { range == nil ? "is not a duration." : "is out of range." }

    /// What would be right: how to write a duration, or the limits.
    public var expected: String {
        range.map { "\(DurationText.exact($0.lowerBound)) to \(DurationText.exact($0.upperBound))" }
            ?? DurationText.hint
    }

    public var description: String { "\"\(text)\" \(fault) Expected: \(expected)." }
}
