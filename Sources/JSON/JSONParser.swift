/// The parser behind ``JSONDocument``: one pass, an explicit stack, no recursion.
///
/// It lives only inside `withUnsafeBufferPointer`, so `buffer` outlives it; every read is checked against `end` first.
struct JSONParser {
    let buffer: UnsafeBufferPointer<UInt8>
    let start: Int
    let end: Int
    let firstLine: Int
    let limits: JSONLimits
    var position: Int
    var nodes: [JSONNode] = []
    var frames: [Frame] = []
    /// Whether the parser is between two children. An error here belongs to the container.
    var isBetweenChildren = false

    /// An open array or object.
    struct Frame {
        let node: Int
        /// The node of the key whose value is being read. Used in objects only.
        var key: Int
        /// Children begun so far.
        var count: Int
        let isObject: Bool
    }

    init(buffer: UnsafeBufferPointer<UInt8>, range: Range<Int>, firstLine: Int, limits: JSONLimits) {
        self.buffer = buffer
        self.start = range.lowerBound
        self.end = range.upperBound
        self.firstLine = firstLine
        self.limits = limits
        self.position = range.lowerBound
    }

    mutating func run() throws(JSONError) {
        guard end - start <= limits.maxBytes else {
            throw error(.tooLong, "the JSON text has \(end - start) bytes; at most \(limits.maxBytes) are allowed")
        }
        if end - start >= 3, buffer[start] == 0xEF, buffer[start + 1] == 0xBB, buffer[start + 2] == 0xBF {
            throw error(.byteOrderMark, "the text begins with a byte order mark; remove its three bytes EF BB BF")
        }
        nodes.reserveCapacity(min((end - start) / 12 + 8, limits.maxNodes))
        skipWhitespace()
        guard position < end else { throw error(.empty, "the text is empty; a JSON value was expected") }
        repeat { try readValue() } while try stepAfterValue()
        guard position == end else {
            throw error(.trailingData, "there is text after the JSON value; only one value is allowed")
        }
    }

    /// Reads a whole scalar, or opens a container.
    private mutating func readValue() throws(JSONError) {
        guard position < end else { throw unexpectedEnd("a value") }
        switch buffer[position] {
        case UInt8(ascii: "\""): try readString()
        case UInt8(ascii: "{"): try open(.object)
        case UInt8(ascii: "["): try open(.array)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try readNumber()
        case UInt8(ascii: "t"): try readWord("true", .true)
        case UInt8(ascii: "f"): try readWord("false", .false)
        case UInt8(ascii: "n"): try readWord("null", .null)
        default: throw unexpectedByte("a value")
        }
    }

    /// Continues after a value: closes the containers that end here and moves to the next value.
    ///
    /// - Returns: whether another value follows.
    private mutating func stepAfterValue() throws(JSONError) -> Bool {
        // A container that was just opened is followed by its first child or its end.
        var justOpened = opensContainer
        while true {
            isBetweenChildren = true
            skipWhitespace()
            guard let top = frames.last else { return false }
            guard position < end else {
                throw unexpectedEnd(top.isObject ? "\",\" or \"}\"" : "\",\" or \"]\"")
            }
            let byte = buffer[position]
            if byte == (top.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
                position += 1
                isBetweenChildren = false
                try close()
                justOpened = false
                continue
            }
            if !justOpened {
                guard byte == UInt8(ascii: ",") else {
                    throw unexpectedByte(top.isObject ? "\",\" or \"}\"" : "\",\" or \"]\"")
                }
                position += 1
                skipWhitespace()
            }
            try beginChild(ofObject: top.isObject)
            return true
        }
    }

    /// Whether the last node is a container that is still open and empty.
    private var opensContainer: Bool {
        guard let top = frames.last else { return false }
        return top.count == 0 && top.node == nodes.count - 1
    }

    private mutating func beginChild(ofObject isObject: Bool) throws(JSONError) {
        let top = frames.count - 1
        if isObject {
            guard position < end else { throw unexpectedEnd("a key in quotes") }
            guard buffer[position] == UInt8(ascii: "\"") else { throw unexpectedByte("a key in quotes") }
            let key = nodes.count
            try readString()
            frames[top].key = key
            frames[top].count += 1
            isBetweenChildren = false
            skipWhitespace()
            guard position < end else { throw unexpectedEnd("\":\" after the key") }
            guard buffer[position] == UInt8(ascii: ":") else { throw unexpectedByte("\":\" after the key") }
            position += 1
            skipWhitespace()
        } else {
            frames[top].count += 1
            isBetweenChildren = false
        }
    }

    private mutating func open(_ tag: JSONNode.Tag) throws(JSONError) {
        guard frames.count < limits.maxDepth else {
            throw error(
                .tooDeep, "arrays and objects are nested deeper than \(limits.maxDepth) levels; flatten the value")
        }
        let node = nodes.count
        try append(JSONNode(tag, offset: position, length: 1, next: node + 1))
        frames.append(Frame(node: node, key: node, count: 0, isObject: tag == .object))
        position += 1
    }

    private mutating func close() throws(JSONError) {
        let frame = frames[frames.count - 1]
        if frame.isObject, frame.count > 1 { try refuseDuplicateKeys(of: frame) }
        frames.removeLast()
        nodes[frame.node].next = UInt32(truncatingIfNeeded: nodes.count)
        nodes[frame.node].count = frame.count
        nodes[frame.node].length = UInt32(truncatingIfNeeded: position) - nodes[frame.node].offset
    }

    mutating func append(_ node: JSONNode) throws(JSONError) {
        guard nodes.count < limits.maxNodes else {
            throw error(.tooManyValues, "the text holds more than \(limits.maxNodes) values; split it")
        }
        nodes.append(node)
    }

    private mutating func readWord(_ word: StaticString, _ tag: JSONNode.Tag) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        for index in 0..<length {
            guard position + index < end else { throw unexpectedEnd("\"\(word)\"") }
            guard buffer[position + index] == word.utf8Start[index] else {
                throw unexpectedByte("a value (did you mean \(word)?)")
            }
        }
        try append(JSONNode(tag, offset: position, length: length, next: nodes.count + 1))
        position += length
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < end {
            switch buffer[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}
