extension JSONRef {
    /// The number of elements of an array or members of an object; 0 for any other value.
    public var count: Int { node.count }

    /// The member with this key; nil if there is none or the value is not an object. Takes time linear in the
    /// preceding members.
    public subscript(key: String) -> JSONRef? {
        guard kind == .object else { return nil }
        var key = key
        // Makes no references to skipped members, because the members of a request are looked up many times per
        // message.
        let found = key.withUTF8 { key in document.firstMember(named: key, of: index) }
        return found.map { JSONRef(trusted: document, $0, root: root) }
    }

    /// The element at this index; nil if there is none or the value is not an array. Takes time linear in the
    /// preceding elements.
    public subscript(position: Int) -> JSONRef? {
        guard position >= 0, position < count, kind == .array else { return nil }
        var child = index + 1
        for _ in 0..<position { child = Int(document.nodes[child].next) }
        return JSONRef(trusted: document, child, root: root)
    }

    /// The elements of an array in order; empty for any other value.
    public var elements: JSONElements { JSONElements(self) }

    /// The members of an object in order; empty for any other value.
    public var members: JSONMembers { JSONMembers(self) }

    /// The path in the document, such as `data.items[3].name`; empty for the root. In an entry taken with ``asRoot``, the
    /// path from there.
    ///
    /// Computed by walking down from the root, so that references stay small. Use it for messages, not in loops.
    public var path: String {
        var path = ""
        var at = root
        while at != index {
            let parent = JSONRef(trusted: document, at)
            if parent.kind == .array {
                var child = at + 1
                var position = 0
                while Int(document.nodes[child].next) <= index {
                    child = Int(document.nodes[child].next)
                    position += 1
                }
                path += "[\(position)]"
                at = child
            } else {
                var key = at + 1
                while Int(document.nodes[key + 1].next) <= index { key = Int(document.nodes[key + 1].next) }
                appendPathKey(JSONRef(trusted: document, key).string ?? "", to: &path)
                // A key has no path of its own. It takes the path of its member.
                if key == index { return path }
                at = key + 1
            }
        }
        return path
    }

    /// The first string or key in the value, itself included, that has the character U+0000; nil if there is none.
    ///
    /// Takes time linear in the value. Only an escape can stand for the character, so other strings are not read.
    public var firstStringWithNull: JSONRef? {
        for place in index..<Int(node.next) where document.nodes[place].isEscaped {
            let ref = JSONRef(trusted: document, place, root: root)
            if ref.withUTF8({ $0.contains(0) }) == true { return ref }
        }
        return nil
    }

    /// The line and column of the value's first character, counted from 1.
    ///
    /// - Parameter firstByte: where counting starts, for a document that is one line of many.
    /// - Returns: the line and the column in characters.
    public func location(from firstByte: Int = 0) -> (line: Int, column: Int) {
        var line = 1
        var column = 1
        for byte in document.bytes[firstByte..<Int(node.offset)] {
            if byte == 0x0A {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return (line, column)
    }
}

extension JSONDocument {
    /// The node of the value of this key in an object; nil if there is none.
    fileprivate func firstMember(named name: UnsafeBufferPointer<UInt8>, of object: Int) -> Int? {
        nodes.withUnsafeBufferPointer { nodes in
            bytes.withUnsafeBufferPointer { bytes in
                let end = Int(nodes[object].next)
                var key = object + 1
                while key < end {
                    let node = nodes[key]
                    if node.isEscaped {
                        let isFound = JSONRef(trusted: self, key).withUTF8 { $0.elementsEqual(name) }
                        if isFound == true { return key + 1 }
                    } else if node.content.count == name.count, bytes[node.content].elementsEqual(name) {
                        return key + 1
                    }
                    key = Int(nodes[key + 1].next)
                }
                return nil
            }
        }
    }
}

/// The elements of an array.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
    private let document: JSONDocument
    private var cursor: Int
    private let end: Int
    private let root: Int

    init(_ parent: JSONRef) {
        document = parent.document
        root = parent.root
        cursor = parent.index + 1
        end = parent.kind == .array ? Int(parent.node.next) : cursor
    }

    /// The next element, or nil after the last.
    public mutating func next() -> JSONRef? {
        guard cursor < end else { return nil }
        defer { cursor = Int(document.nodes[cursor].next) }
        return JSONRef(trusted: document, cursor, root: root)
    }
}

/// The members of an object. The key is a reference, so its text is decoded only on request.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    private let document: JSONDocument
    private var cursor: Int
    private let end: Int
    private let root: Int

    init(_ parent: JSONRef) {
        document = parent.document
        root = parent.root
        cursor = parent.index + 1
        end = parent.kind == .object ? Int(parent.node.next) : cursor
    }

    /// The next member, or nil after the last.
    public mutating func next() -> (key: JSONRef, value: JSONRef)? {
        guard cursor < end else { return nil }
        let key = cursor
        cursor = Int(document.nodes[key + 1].next)
        return (JSONRef(trusted: document, key, root: root), JSONRef(trusted: document, key + 1, root: root))
    }
}
