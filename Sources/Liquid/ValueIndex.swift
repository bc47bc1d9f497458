/// Where values with a hash stand, for filters that look for equal ones. Linear probing over twice as many slots as there
/// are values.
struct ValueIndex {
    /// The position of a value plus one; 0: free.
    private var slots: [UInt32]
    private let mask: Int

    /// - Parameter count: the largest number of values.
    init(room count: Int) {
        var size = 16
        while size < 2 * count { size *= 2 }
        slots = [UInt32](repeating: 0, count: size)
        mask = size - 1
    }

    /// The slot at which a search for a hash begins.
    func first(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & mask }

    /// The slot after this one.
    func next(_ slot: Int) -> Int { (slot + 1) & mask }

    /// The position of the value in a slot; nil: the slot is free.
    subscript(slot: Int) -> Int? { slots[slot] == 0 ? nil : Int(slots[slot]) - 1 }

    mutating func set(_ position: Int, in slot: Int) { slots[slot] = UInt32(position + 1) }
}

extension Machine {
    /// A hash that is the same for values that are ``equal(_:_:)``. What it reads is paid for.
    mutating func hash(of value: Value) throws(Failure) -> UInt64 {
        if value.isNumber { return Self.mixed((value.approximate + 0).bitPattern) }
        if value.isNil { return 1 }
        switch value.tag {
        // Equal to an empty string.
        case .blank, .empty: return ByteSlice.emptyHash
        case .string:
            try charge(value.text.count)
            return value.text.hash
        case .array:
            try charge(Int(value.count) * Work.element)
            var hash = UInt64(value.count) &+ 3
            for element in value.elements { hash = Self.mixed(hash ^ (try self.hash(of: element))) }
            return hash
        case .object:
            try charge(Int(value.count) * Work.element * 2)
            // Members are compared in any order.
            var sum = UInt64(value.count) &+ 5
            for member in value.members {
                let key = try hash(of: member.key)
                sum = sum &+ Self.mixed(key ^ (try hash(of: member.value)))
            }
            return Self.mixed(sum)
        case .range: return Self.mixed(UInt64(truncatingIfNeeded: value.bounds.lower &* 31 &+ value.bounds.upper))
        case .forloop, .tablerow, .scope: return Self.mixed(value.bits)
        default: return UInt64(value.tag.rawValue)
        }
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = (value ^ (value >> 32)) &* 0xd6e8_feb8_6659_fd93
        value = (value ^ (value >> 32)) &* 0xd6e8_feb8_6659_fd93
        return value ^ (value >> 32)
    }
}

extension ByteSlice {
    fileprivate static let emptyHash: UInt64 = 0xcbf2_9ce4_8422_2325

    /// FNV-1a.
    fileprivate var hash: UInt64 {
        var hash = Self.emptyHash
        for index in 0..<count { hash = (hash ^ UInt64(base[index])) &* 0x100_0000_01b3 }
        return hash
    }
}
