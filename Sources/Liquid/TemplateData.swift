/// The data for a render: JSON objects and single values, parsed once and usable for many renders.
///
/// Not Sendable: keep one per worker and `reset` it for the next message. It keeps its memory.
public final class TemplateData {
    /// Limits of the data itself.
    public struct Limits: Sendable {
        /// Total bytes of JSON. Default 4 MiB.
        public var bytes = 4 << 20
        /// Nesting of arrays and objects. Default 100.
        public var depth = 100

        public init() {}
    }

    private let limits: Limits
    var arena = Arena()
    private var stack: [Value] = []
    private var used = 0
    /// Named values, and objects whose members are variables, in search order.
    private(set) var roots: [Root] = []
    /// The objects that `t` searches, in this order.
    private(set) var translations: [Value] = []

    enum Root {
        case members(Value)
        case value(name: Value, Value)
    }

    public init(limits: Limits = Limits()) {
        self.limits = limits
        arena.limit = limits.bytes * 24
    }

    /// Removes everything and keeps the memory.
    public func reset() {
        roots.removeAll(keepingCapacity: true)
        translations.removeAll(keepingCapacity: true)
        arena.reset()
        used = 0
    }

    /// Adds one JSON object. Without a name, its members become variables; with a name, it is the variable `name`. If
    /// two have the same name, the first one added wins.
    ///
    /// - Throws: `.invalidData` if it is not one strict JSON object in UTF-8 or if a limit is exceeded.
    public func add(json: [UInt8], as name: String? = nil) throws(LiquidError) {
        let result = json.withUnsafeBytes { bytes in Result { () throws(LiquidError) in try add(json: bytes, as: name) }
        }
        try result.get()
    }

    /// Adds one JSON object; the bytes are copied. See `add(json:as:)`.
    public func add(json: UnsafeRawBufferPointer, as name: String? = nil) throws(LiquidError) {
        guard used + json.count <= limits.bytes, let place = arena.allocate(json.count + 8) else {
            throw LiquidError(
                kind: .invalidData, message: "The data has more than \(limits.bytes) bytes. Send less of it.")
        }
        used += json.count
        if let base = json.baseAddress { place.copyMemory(from: base, byteCount: json.count) }
        (place + json.count).initializeMemory(as: UInt8.self, repeating: 0, count: 8)
        let text = ByteSlice(base: UnsafePointer(place.assumingMemoryBound(to: UInt8.self)), count: json.count)
        var reader = DataReader(text: text, maxDepth: limits.depth)
        swap(&reader.stack, &stack)
        defer {
            swap(&reader.stack, &stack)
            stack.removeAll(keepingCapacity: true)
        }
        guard let value = reader.read(&arena), value.tag == .object else {
            throw LiquidError(
                kind: .invalidData,
                message: "The data is not one JSON object: \(reader.problem) at byte \(reader.at). Send an object.")
        }
        if let name { roots.append(.value(name: try keep(name), value)) } else { roots.append(.members(value)) }
    }

    /// Adds translations for the filter `t`: an object of strings, of nested objects of strings, or of plural
    /// categories (`one`, `few`, `other`, …). They are searched in the order in which they were added: `pt-BR`, `pt`,
    /// the default.
    public func addTranslations(json: [UInt8]) throws(LiquidError) {
        try add(json: json, as: "")
        if case .value(_, let object) = roots.removeLast() { translations.append(object) }
    }

    /// Sets one string variable.
    public func set(_ name: String, to text: String) {
        // A name or value too long for the arena is omitted. A render then reports it as undefined.
        guard let key = try? keep(name), let value = try? keep(text) else { return }
        roots.append(.value(name: key, Value(tag: .string, bits: value.bits, count: Int(value.count))))
    }

    /// Sets one integer variable.
    public func set(_ name: String, to number: Int) {
        guard let key = try? keep(name) else { return }
        roots.append(.value(name: key, .int(number)))
    }

    /// Sets one boolean variable.
    public func set(_ name: String, to flag: Bool) {
        guard let key = try? keep(name) else { return }
        roots.append(.value(name: key, .bool(flag)))
    }

    private func keep(_ text: String) throws(LiquidError) -> Value {
        var text = text
        let copied: Value? = text.withUTF8 { bytes in
            guard let place = arena.allocate(bytes.count + 1) else { return nil }
            if let base = bytes.baseAddress { place.copyMemory(from: base, byteCount: bytes.count) }
            return .key(ByteSlice(base: UnsafePointer(place.assumingMemoryBound(to: UInt8.self)), count: bytes.count))
        }
        guard let copied else {
            throw LiquidError(kind: .invalidData, message: "A value is too long for the data's limits. Shorten it.")
        }
        return copied
    }
}
