/// One value or more: kept without an allocation while it is one, as it nearly always is.
struct Few<Value> {
    private var first: Value
    private var rest: [Value] = []

    private init(_ value: Value) { first = value }

    /// Adds a value to those of a key, `map[key]`.
    static func append(_ value: Value, to few: inout Few?) {
        if few == nil {
            few = Few(value)
        } else {
            few?.rest.append(value)
        }
    }

    /// Removes the value that was added last.
    static func removeLast(of few: inout Few?) {
        if few?.rest.popLast() == nil { few = nil }
    }

    /// Removes the first value that matches.
    static func remove(from few: inout Few?, where matches: (Value) -> Bool) {
        guard let known = few else { return }
        if matches(known.first) {
            if known.rest.isEmpty {
                few = nil
            } else {
                few?.first = known.rest[0]
                few?.rest.removeFirst()
            }
        } else if let index = known.rest.firstIndex(where: matches) {
            few?.rest.remove(at: index)
        }
    }
}

extension Few: Sendable where Value: Sendable {}

extension Few: Sequence {
    struct Iterator: IteratorProtocol {
        fileprivate let few: Few
        private var place = -1

        fileprivate init(_ few: Few) { self.few = few }

        mutating func next() -> Value? {
            defer { place += 1 }
            if place < 0 { return few.first }
            return place < few.rest.count ? few.rest[place] : nil
        }
    }

    func makeIterator() -> Iterator { Iterator(self) }
}
