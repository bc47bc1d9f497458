/// A value on the heap that is passed on as a single reference.
///
/// For large values that rarely change. Each change allocates a new box.
///
/// Reading is inlinable, so that other modules read one field in place. A call would return a copy of the whole value,
/// with a reference count for each of its texts.
public struct Boxed<Value: Sendable>: Sendable {
    @usableFromInline
    final class Storage: Sendable {
        @usableFromInline let value: Value

        @usableFromInline
        init(_ value: Value) { self.value = value }
    }

    @usableFromInline var storage: Storage

    public init(_ value: Value) { storage = Storage(value) }

    @inlinable public var value: Value {
        _read { yield storage.value }
        _modify {
            var value = storage.value
            defer { storage = Storage(value) }
            yield &value
        }
    }

    private func isSame(as other: Boxed) -> Bool { storage === other.storage }
}

extension Boxed: Equatable where Value: Equatable {
    public static func == (a: Boxed, b: Boxed) -> Bool { a.isSame(as: b) || a.value == b.value }
}

extension Boxed: Hashable where Value: Hashable {
    public func hash(into hasher: inout Hasher) { hasher.combine(value) }
}
