/// One entry of a document's tape: a value or an object's key, in the order of the text.
///
/// A trivial value of 16 bytes, without reference counts or allocation. Numbers and strings stay in the source text;
/// the node stores their position. An object's children are key, value, key, value, …. A value's subtree is the run
/// of nodes from its own index to ``next``.
public struct JSONNode: Sendable, Hashable {
    /// The lowest three bits are the ``Tag``, the next five the ``Flags``, the upper 24 the number of children.
    private var head: UInt32
    /// The index of the first node after this node's subtree.
    public internal(set) var next: UInt32
    /// The byte offset of the value's text in the source. A string begins at its opening quote.
    public let offset: UInt32
    /// The length of the value's text in bytes, quotes and brackets included.
    public internal(set) var length: UInt32

    /// The largest number of children that a node can record.
    static let maxCount: UInt32 = 0xFF_FFFF

    enum Tag: UInt32 {
        case null, `false`, `true`, integer, double, string, array, object
    }

    struct Flags: OptionSet {
        let rawValue: UInt32
        /// The string's text contains at least one escape, so its content must be decoded.
        static let escaped = Flags(rawValue: 1 << 3)
        /// The string's text contains bytes outside ASCII.
        static let nonASCII = Flags(rawValue: 1 << 4)
    }

    init(_ tag: Tag, flags: Flags = [], offset: Int, length: Int, next: Int) {
        head = tag.rawValue | flags.rawValue
        self.next = UInt32(truncatingIfNeeded: next)
        self.offset = UInt32(truncatingIfNeeded: offset)
        self.length = UInt32(truncatingIfNeeded: length)
    }

    var tag: Tag {
        // Three bits have eight patterns, and each is a case.
        Tag(rawValue: head & 7).unsafelyUnwrapped
    }

    /// Whether the string must be decoded before it is compared or shown.
    public var isEscaped: Bool { head & Flags.escaped.rawValue != 0 }

    /// The number of elements of an array or members of an object; 0 for anything else.
    public internal(set) var count: Int {
        get { Int(head >> 8) }
        set { head = head & 0xFF | UInt32(truncatingIfNeeded: newValue) << 8 }
    }

    /// What kind of value this is.
    public var kind: JSONKind {
        switch tag {
        case .null: .null
        case .false, .true: .bool
        case .integer, .double: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// The range of a string's content in the source, between the quotes.
    var content: Range<Int> { Int(offset) + 1..<Int(offset) + Int(length) - 1 }

    /// The range of the whole value in the source.
    var range: Range<Int> { Int(offset)..<Int(offset) + Int(length) }
}

/// The kinds of JSON values (RFC 8259 §3).
public enum JSONKind: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case null, bool, number, string, array, object

    /// The kind with its article, for a sentence: "a string", "an object", "null".
    public var description: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}
