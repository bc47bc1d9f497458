/// One record of comma-separated values, or the fault that prevented reading it.
public struct CSVRecord: Hashable, Sendable {
    /// Counted from 1, without blank lines. The header of a file is record 1.
    public var number: Int
    /// The line on which the record begins, counted from 1.
    public var line: Int
    public var content: Content

    public enum Content: Hashable, Sendable {
        case cells([String])
        case broken(Fault)
    }

    public enum Fault: String, Hashable, Sendable {
        /// A quote was still open at the end of the file or at the size limit. Reading continues on the next line.
        case unclosedQuote
        case tooLong
        case notUTF8
        /// The whole file is in UTF-16; nothing of it is read.
        case utf16

        /// The fault as a sentence.
        public var sentence: String {
            switch self {
            case .unclosedQuote: "A quote is not closed."
            case .tooLong: "The record is longer than the limit."
            case .notUTF8: "The record is not UTF-8 text."
            case .utf16: "The file is UTF-16 text. Save it as UTF-8, in Excel as \"CSV UTF-8\"."
            }
        }
    }
}
