/// A place in a recipient's timeline, as text. Its lists are read on side by side, each from its own place.
public struct TimelineCursor: Hashable, Sendable, LosslessStringConvertible {
    /// The last message that was read; 0: all were.
    var message: Int64
    /// The sequence of the last consent; 0: all were read.
    var consent: Int64
    /// The sequence of the last change of a suppression; 0: all were read.
    var suppression: Int64

    /// The place before everything.
    static let start = TimelineCursor(message: .max, consent: .max, suppression: .max)

    init(message: Int64, consent: Int64, suppression: Int64) {
        self.message = message
        self.consent = consent
        self.suppression = suppression
    }

    /// Reads a cursor. Nil for a text that is none.
    public init?(_ text: String) {
        let numbers = text.split(separator: ".", omittingEmptySubsequences: false).map { Int64($0) }
        guard numbers.count == 3, let message = numbers[0], let consent = numbers[1], let suppression = numbers[2],
            min(message, consent, suppression) >= 0
        else { return nil }
        self.init(message: message, consent: consent, suppression: suppression)
    }

    public var description: String { "\(message).\(consent).\(suppression)" }
}
