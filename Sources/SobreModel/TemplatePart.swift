/// A file of a template with content. The list of parts is beside the table of channels.
public struct TemplatePart: Hashable, Sendable {
    /// How the file is parsed.
    public enum Medium: Hashable, Sendable {
        case text
        /// HTML inside the template's layout.
        case html
        /// Lines of `name: value`, then `---`, then the text.
        case fields(Fields)
    }

    /// The fields that may precede a text.
    public struct Fields: Hashable, Sendable {
        public var names: [String]
        /// A required field, which also makes the line `---` required. Nil when a file may consist of text alone.
        public var required: String?
        /// The prefix of additional fields, of which there may be any number.
        public var prefix: String
        /// The names that must not follow the prefix, in any case, because services of the channel use them themselves.
        /// One that ends in `*` stands for all that begin so.
        public var reserved: [String]

        public init(names: [String], required: String? = nil, prefix: String, reserved: [String] = []) {
            self.names = names
            self.required = required
            self.prefix = prefix
            self.reserved = reserved
        }

        /// The reserved name that a field has; nil if it has none.
        public func reservedName(of field: String) -> String? {
            guard field.hasPrefix(prefix) else { return nil }
            let name = field.dropFirst(prefix.count).lowercased()
            return reserved.first { $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0 }
        }
    }

    /// Whether a channel's content is complete without the part.
    public enum Need: Sendable {
        case required
        case optional
        /// One of the parts with this need is required.
        case alternative
    }

    /// The position among all parts, from 0. For arrays with a value for each part.
    public let index: Int
    /// The file name in a template's folder, or in a subfolder named after a locale.
    public let file: String
    public let medium: Medium
    public let need: Need

    init(_ index: Int, _ file: String, _ medium: Medium, need: Need = .required) {
        self.index = index
        self.file = file
        self.medium = medium
        self.need = need
    }

    /// All parts of all channels, ordered by index.
    public static let all = Channel.allCases.flatMap(\.parts)
}
