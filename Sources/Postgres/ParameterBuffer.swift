/// The parameters of one statement, in the server's binary format and in one piece of memory.
public struct ParameterBuffer: Sendable {
    private var bytes: [UInt8] = []
    /// Where each value begins.
    private var offsets: [Int] = []
    /// The size of each value in bytes. 0 for NULL.
    private var lengths: [Int32] = []
    private var nulls: [Bool] = []
    private(set) var types: [UInt32] = []

    init() {}

    var count: Int { types.count }

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        nulls.removeAll(keepingCapacity: true)
        types.removeAll(keepingCapacity: true)
    }

    mutating func add<Value: PostgresParameter>(_ value: Value) {
        let start = bytes.count
        let isNull = !value.write(to: &self)
        offsets.append(start)
        lengths.append(Int32(bytes.count - start))
        nulls.append(isNull)
        types.append(Value.postgresType)
    }

    /// Appends a number in network byte order.
    ///
    /// - Parameter value: the number.
    public mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Appends a text in UTF-8.
    ///
    /// - Parameter text: the text.
    public mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends bytes as they are.
    ///
    /// - Parameter value: the bytes.
    public mutating func append(_ value: [UInt8]) { bytes.append(contentsOf: value) }

    /// Appends an array of one dimension in the format of `array_recv`.
    mutating func append<Element: PostgresParameter>(array elements: [Element]) {
        append(Int32(elements.isEmpty ? 0 : 1))
        let hasNulls = bytes.count
        append(Int32(0))
        append(Element.postgresType)
        if elements.isEmpty { return }
        append(Int32(elements.count))
        // The index of the first element.
        append(Int32(1))
        for element in elements {
            let start = bytes.count
            append(Int32(-1))
            if element.write(to: &self) {
                set(Int32(bytes.count - start - 4), at: start)
            } else {
                set(Int32(1), at: hasNulls)
            }
        }
    }

    private mutating func set(_ value: Int32, at offset: Int) {
        withUnsafeBytes(of: value.bigEndian) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
    }

    /// Passes the parameters in the form that libpq takes. The pointers are valid during the call only.
    func withPointers<Result>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>, _ lengths: UnsafePointer<Int32>,
            _ formats: UnsafePointer<Int32>
        ) -> Result
    ) -> Result {
        let binary = [Int32](repeating: 1, count: count)
        return bytes.withUnsafeBytes { memory in
            // An empty value needs an address too, because a null pointer is NULL. Its byte is never read.
            withUnsafeBytes(of: 0) { nothing in
                let start = memory.baseAddress ?? nothing.baseAddress
                let values = (0..<count).map { index -> UnsafePointer<CChar>? in
                    nulls[index] ? nil : start.map { ($0 + offsets[index]).assumingMemoryBound(to: CChar.self) }
                }
                return values.withUnsafeBufferPointer { values in
                    lengths.withUnsafeBufferPointer { lengths in
                        binary.withUnsafeBufferPointer { formats in
                            // Without parameters libpq reads none of the three arrays.
                            guard let values = values.baseAddress, let lengths = lengths.baseAddress,
                                let formats = formats.baseAddress
                            else { return Self.withNoPointers(body) }
                            return body(Int32(count), values, lengths, formats)
                        }
                    }
                }
            }
        }
    }

    private static func withNoPointers<Result>(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>
        ) -> Result
    ) -> Result {
        let value: UnsafePointer<CChar>? = nil
        let number: Int32 = 0
        return withUnsafePointer(to: value) { value in
            withUnsafePointer(to: number) { body(0, value, $0, $0) }
        }
    }
}
