/// The kind of a `Value`. The order matters: everything up to `no` is falsy, and everything up to `null` is nil.
enum Tag: UInt8 {
    /// A name that was not found. Behaves like nil and is reported when it reaches the output.
    case missing = 0
    case null
    case no
    case yes
    /// A 64-bit integer in `bits`.
    case int
    /// An integer beyond 64 bits. `bits` points to an `Int128`.
    case big
    /// A `Double` in `bits`.
    case double
    /// `bits` points to `count` bytes.
    case string
    /// `bits` points to `count` values.
    case array
    /// `bits` points to `count` members.
    case object
    /// `bits` points to a `RangeBounds`.
    case range
    /// The literals `blank` and `empty`.
    case blank
    case empty
    /// `bits` points to a `LoopState`.
    case forloop
    case tablerow
    /// `self`. `bits` is the base of the frame whose variables it shows.
    case scope
}

/// One Liquid value of sixteen trivial bytes. Larger contents are in an arena that outlives the value.
struct Value {
    var bits: UInt64
    var count: UInt32
    var tag: Tag
    var flags: UInt8
    /// For a key: its 16-bit hash.
    var aux: UInt16

    /// Flag: markup by the template's author or escaped by a filter, which is not escaped again.
    static let safe: UInt8 = 1

    @inline(__always)
    init(tag: Tag, bits: UInt64 = 0, count: Int = 0, flags: UInt8 = 0, aux: UInt16 = 0) {
        self.bits = bits
        self.count = UInt32(truncatingIfNeeded: count)
        self.tag = tag
        self.flags = flags
        self.aux = aux
    }

    @inline(__always) static var missing: Value { Value(tag: .missing) }
    @inline(__always) static var null: Value { Value(tag: .null) }
    @inline(__always) static func bool(_ value: Bool) -> Value { Value(tag: value ? .yes : .no) }
    @inline(__always) static func int(_ value: Int) -> Value {
        Value(tag: .int, bits: UInt64(bitPattern: Int64(value)))
    }
    @inline(__always) static func double(_ value: Double) -> Value { Value(tag: .double, bits: value.bitPattern) }

    @inline(__always)
    static func string(_ text: ByteSlice, flags: UInt8 = 0) -> Value {
        Value(tag: .string, bits: UInt64(UInt(bitPattern: text.base)), count: text.count, flags: flags)
    }

    @inline(__always)
    static func array(_ base: UnsafePointer<Value>?, _ count: Int) -> Value {
        Value(tag: .array, bits: UInt64(UInt(bitPattern: base)), count: count)
    }

    /// A string with its hash, for comparison with the keys of objects.
    static func key(_ text: ByteSlice) -> Value {
        Value(
            tag: .string, bits: UInt64(UInt(bitPattern: text.base)), count: text.count,
            aux: keyHash(text.base, text.count))
    }

    @inline(__always) var isTruthy: Bool { tag.rawValue > Tag.no.rawValue }
    @inline(__always) var isNil: Bool { tag.rawValue <= Tag.null.rawValue }
    @inline(__always) var asInt: Int { Int(Int64(bitPattern: bits)) }
    @inline(__always) var asDouble: Double { Double(bitPattern: bits) }

    /// The bytes of a string. The address comes from an arena and is never null for a string.
    @inline(__always)
    var text: ByteSlice {
        ByteSlice(base: UnsafePointer(bitPattern: UInt(bits)).unsafelyUnwrapped, count: Int(count))
    }

    @inline(__always)
    var elements: UnsafeBufferPointer<Value> {
        UnsafeBufferPointer(start: UnsafePointer(bitPattern: UInt(bits)), count: Int(count))
    }

    @inline(__always)
    var members: UnsafeBufferPointer<Member> {
        UnsafeBufferPointer(start: UnsafePointer(bitPattern: UInt(bits)), count: Int(count))
    }

    @inline(__always)
    var bigInteger: Int128 {
        UnsafePointer<Int128>(bitPattern: UInt(bits)).unsafelyUnwrapped.pointee
    }

    /// The size of a big integer in bytes, as in Ruby's `Integer#size`.
    var bytesOfInteger: Int { (128 - bigInteger.magnitude.leadingZeroBitCount + 7) / 8 }

    @inline(__always)
    var bounds: RangeBounds {
        UnsafePointer<RangeBounds>(bitPattern: UInt(bits)).unsafelyUnwrapped.pointee
    }

    @inline(__always)
    var loop: UnsafeMutablePointer<LoopState> {
        UnsafeMutablePointer<LoopState>(bitPattern: UInt(bits)).unsafelyUnwrapped
    }
}

/// One key and its value in an object.
struct Member {
    var key: Value
    var value: Value
}

/// An inclusive range of integers; empty when `upper < lower`.
struct RangeBounds {
    var lower: Int
    var upper: Int

    /// How many integers it holds, saturating.
    var count: Int {
        if upper < lower { return 0 }
        let (span, overflow) = upper.subtractingReportingOverflow(lower)
        return overflow || span == Int.max ? Int.max : span + 1
    }
}

/// One running (or finished) `for` or `tablerow` loop, as `forloop` and `tablerowloop` show it.
struct LoopState {
    var items: UnsafePointer<Value>?
    /// For a range, whose items are created on demand.
    var first: Int
    var step: Int
    var index: Int
    var length: Int
    var columns: Int
    var column: Int
    var row: Int
    /// The value of `forloop.name`: `name-detail`, or `name` without a detail.
    var name: Value
    var detail: Value
    /// The address of the enclosing loop's state, or 0.
    var parent: UInt
    /// The address of the loop that was the innermost one before this one.
    var outer: UInt
    var isRow: Bool
    /// The item variable's symbol and the values that the loop hides.
    var symbol: Int
    var hiddenItem: Value
    var hiddenLoop: Value
}
