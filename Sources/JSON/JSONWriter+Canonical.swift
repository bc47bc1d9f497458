extension JSONWriter {
    /// Writes a value in a canonical form, for hashing or comparison.
    ///
    /// Follows RFC 8785, except that keys are in the order of their UTF-8 bytes: no whitespace, sorted keys, shortest
    /// numbers, only the necessary escapes. Recursion is bounded by ``JSONLimits/deepest``.
    public mutating func canonical(_ ref: JSONRef) {
        switch ref.node.tag {
        case .null, .true, .false: raw(ref.rawBytes)
        case .integer: value(ref.int ?? 0)
        case .double: value(ref.double ?? 0)
        case .string: value(ref.string ?? "")
        case .array:
            beginArray()
            for element in ref.elements { canonical(element) }
            endArray()
        case .object:
            beginObject()
            let members = ref.members.map { (key: $0.key.string ?? "", value: $0.value) }
            for member in members.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
                key(member.key)
                canonical(member.value)
            }
            endObject()
        }
    }
}

extension JSONRef {
    /// The value's canonical text (see ``JSONWriter/canonical(_:)``).
    public var canonicalBytes: [UInt8] {
        var writer = JSONWriter()
        writer.canonical(self)
        return writer.bytes
    }
}
