/// One or more values. A single value, which is the usual case, needs no allocation.
struct SmallArray<Value> {
    private var first: Value
    private var rest: [Value] = []

    private init(_ value: Value) { first = value }

    /// Adds a value to the values of a key, `map[key]`.
    static func append(_ value: Value, to array: inout SmallArray?) {
        if array == nil {
            array = SmallArray(value)
        } else {
            array?.rest.append(value)
        }
    }

    /// Removes the value that was added last.
    static func removeLast(of array: inout SmallArray?) {
        if array?.rest.popLast() == nil { array = nil }
    }

    /// Removes the first value that matches.
    static func remove(from array: inout SmallArray?, where matches: (Value) -> Bool) {
        guard let known = array else { return }
        if matches(known.first) {
            if known.rest.isEmpty {
                array = nil
            } else {
                array?.first = known.rest[0]
                array?.rest.removeFirst()
            }
        } else if let index = known.rest.firstIndex(where: matches) {
            array?.rest.remove(at: index)
        }
    }
}

extension SmallArray: Sendable where Value: Sendable {}

extension SmallArray: Sequence {
    struct Iterator: IteratorProtocol {
        fileprivate let array: SmallArray
        private var place = -1

        fileprivate init(_ array: SmallArray) { self.array = array }

        mutating func next() -> Value? {
            defer { place += 1 }
            if place < 0 { return array.first }
            return place < array.rest.count ? array.rest[place] : nil
        }
    }

    func makeIterator() -> Iterator { Iterator(self) }
}
