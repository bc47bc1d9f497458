/// One value inside a document: a reference to the document and an index, cheap to copy.
public struct JSONRef: Sendable {
    /// The document that holds the value.
    public let document: JSONDocument
    // A document has fewer than 2^32 nodes, and a small reference is quick to pass.
    private let place: UInt32
    /// The node at which paths begin: the document's own root, or the entry of a batch.
    private let base: UInt32

    /// The value's index on the tape.
    @inline(__always)
    public var index: Int { Int(place) }

    /// The index of the node at which paths begin.
    @inline(__always)
    var root: Int { Int(base) }

    /// Makes a reference; `index` must be the index of a node.
    public init(document: JSONDocument, index: Int) {
        precondition(document.nodes.indices.contains(index), "the document has no such node")
        self.init(trusted: document, index)
    }

    @inline(__always)
    init(trusted document: JSONDocument, _ index: Int, root: Int = 0) {
        self.document = document
        place = UInt32(truncatingIfNeeded: index)
        base = UInt32(truncatingIfNeeded: root)
    }

    /// The same value as if it were a document of its own: paths in it begin here.
    ///
    /// An entry of a large array is read this way, because a path through the array takes time linear in the entries
    /// before it.
    public var asRoot: JSONRef { JSONRef(trusted: document, index, root: index) }

    @inline(__always)
    var node: JSONNode { document.nodes[index] }

    /// What kind of value this is.
    public var kind: JSONKind { node.kind }

    /// Whether the value is `null`.
    public var isNull: Bool { node.tag == .null }

    /// The value of `true` or `false`; nil for any other value.
    public var bool: Bool? {
        switch node.tag {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The exact value of a number that has no fraction or exponent and fits 64 bits; nil for any other value.
    public var int: Int? {
        let node = node
        guard node.tag == .integer else { return nil }
        return withSource(node.range) { parseInteger($0) }.map { Int($0) }
    }

    /// The double nearest to a number; nil for any other value.
    public var double: Double? {
        let node = node
        switch node.tag {
        case .integer, .double: return withSource(node.range) { parseDouble($0) }
        default: return nil
        }
    }

    /// The content of a string with its escapes decoded; nil for any other value.
    public var string: String? {
        withUTF8 { String(decoding: $0, as: UTF8.self) }
    }

    /// Passes the decoded content of a string to `body` as UTF-8, without a copy if it has no escapes.
    ///
    /// - Returns: what `body` returns; nil if the value is not a string.
    public func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) throws -> Result) rethrows -> Result? {
        let node = node
        guard node.tag == .string else { return nil }
        return try withSource(node.content) { source in
            if node.isEscaped { return try decodeEscapes(source).withUnsafeBufferPointer(body) }
            return try body(source)
        }
    }

    /// Whether the value is a string with exactly this content.
    public func equals(_ text: String) -> Bool {
        var text = text
        return withUTF8 { content in
            text.withUTF8 { $0.count == content.count && $0.elementsEqual(content) }
        } ?? false
    }

    /// The value's own text in the source, quotes and brackets included.
    public var rawBytes: ArraySlice<UInt8> { document.bytes[node.range] }

    private func withSource<Result>(
        _ range: Range<Int>, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result {
        try document.bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[range])) }
    }
}
