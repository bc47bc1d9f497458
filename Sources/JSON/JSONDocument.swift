/// A parsed, valid JSON text: its bytes and a flat tape of nodes over them.
///
/// Parsing is strict (RFC 8259 with the rules of I-JSON, RFC 7493). UTF-8 is validated (RFC 3629). Duplicate keys in
/// an object, bytes after the value, lone surrogates and numbers beyond `Double` are rejected. Parsing neither
/// recurses nor allocates per value. A document is immutable and may be shared between threads.
public final class JSONDocument: Sendable {
    /// The input bytes. The document may be only a part of them.
    public let bytes: [UInt8]
    /// The tape. The root is the first node.
    public let nodes: [JSONNode]

    init(bytes: [UInt8], nodes: [JSONNode]) {
        self.bytes = bytes
        self.nodes = nodes
    }

    /// The document's value.
    public var root: JSONRef { JSONRef(document: self, index: 0) }

    /// Reads one JSON text.
    ///
    /// - Parameters:
    ///   - bytes: the text, which the document retains without copying.
    ///   - range: the part of `bytes` to read, for one line of many; nil reads all of it.
    ///   - firstLine: the number of the text's first line, for errors.
    ///   - limits: the bounds.
    /// - Returns: the document.
    /// - Throws: ``JSONError`` with code, position and message.
    public static func parse(
        _ bytes: [UInt8], in range: Range<Int>? = nil, firstLine: Int = 1, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONDocument {
        let range = range ?? 0..<bytes.count
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "the range lies outside the bytes")
        let nodes = try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(buffer: buffer, range: range, firstLine: firstLine, limits: limits)
            try parser.run()
            return parser.nodes
        }
        return JSONDocument(bytes: bytes, nodes: nodes)
    }

    /// Reads one JSON text from a slice, which is copied. Offsets count from the start of the slice.
    public static func parse(
        _ slice: ArraySlice<UInt8>, firstLine: Int = 1, limits: JSONLimits = JSONLimits()
    ) throws(JSONError) -> JSONDocument {
        try parse(Array(slice), firstLine: firstLine, limits: limits)
    }

    /// Reads one JSON text from a string.
    public static func parse(_ text: String, limits: JSONLimits = JSONLimits()) throws(JSONError) -> JSONDocument {
        try parse(Array(text.utf8), limits: limits)
    }
}
