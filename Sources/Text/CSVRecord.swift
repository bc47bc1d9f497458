/// One record of comma-separated values, or what is wrong in its place.
public struct CSVRecord: Hashable, Sendable {
    /// Counted from 1; blank lines do not count. The head of a file is its record 1.
    public var number: Int
    /// The line on which it begins, counted from 1.
    public var line: Int
    public var content: Content

    public enum Content: Hashable, Sendable {
        case cells([String])
        case broken(Fault)
    }

    public enum Fault: String, Hashable, Sendable {
        /// The end of the file, or the longest record, came before the quote. What follows is read from the next line on.
        case unclosedQuote
        case tooLong
        case notUTF8

        /// What is wrong, in a sentence.
        public var sentence: String {
            switch self {
            case .unclosedQuote: "A quote is not closed."
            case .tooLong: "The record is longer than is taken here."
            case .notUTF8: "The record is not UTF-8 text."
            }
        }
    }
}
