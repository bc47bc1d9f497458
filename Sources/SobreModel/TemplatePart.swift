/// A file of a template that holds words. Which there are stands beside the table of channels.
public struct TemplatePart: Hashable, Sendable {
    /// How the file is read.
    public enum Medium: Hashable, Sendable {
        case text
        /// HTML, within the template's layout.
        case html
        /// Lines `name: value`, then `---`, then the text.
        case fields(Fields)
    }

    /// The fields that may stand before a text.
    public struct Fields: Hashable, Sendable {
        public var names: [String]
        /// A field that must be there, and with it the line `---`; nil: a file of text alone will do.
        public var required: String?
        /// What any number of further fields begin with.
        public var prefix: String

        public init(names: [String], required: String? = nil, prefix: String) {
            self.names = names
            self.required = required
            self.prefix = prefix
        }
    }

    /// Whether a channel's words are complete without it.
    public enum Need: Sendable {
        case required
        case optional
        /// One of the parts with this need is required.
        case alternative
    }

    /// Its place among all parts, from 0: for arrays with a value for each.
    public let index: Int
    /// The file's name in a template's folder, or in a folder of it that is named after a locale.
    public let file: String
    public let medium: Medium
    public let need: Need

    init(_ index: Int, _ file: String, _ medium: Medium, need: Need = .required) {
        self.index = index
        self.file = file
        self.medium = medium
        self.need = need
    }

    /// All parts of all channels, by their index.
    public static let all = Channel.allCases.flatMap(\.parts)
}
