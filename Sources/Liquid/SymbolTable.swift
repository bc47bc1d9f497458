/// Numbers the names of a program. Equal names get the same number, from 0 in order of appearance.
struct SymbolTable {
    /// The names by number. They point into the program's sources.
    private(set) var keys: [Value] = []
    /// Open addressing; 0 is free, otherwise number + 1. The size is a power of two.
    private var slots = [UInt32](repeating: 0, count: 64)

    /// The number of `name`, which is added if it is new.
    mutating func intern(_ name: ByteSlice) -> Int {
        let key = Value.key(name)
        if keys.count * 2 >= slots.count { grow() }
        let slot = place(of: key)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        keys.append(key)
        slots[slot] = UInt32(keys.count)
        return keys.count - 1
    }

    /// The number of `name`, or nil if the program does not contain it.
    func find(_ name: ByteSlice) -> Int? {
        let slot = place(of: Value.key(name))
        return slots[slot] == 0 ? nil : Int(slots[slot]) - 1
    }

    private func place(of key: Value) -> Int {
        let mask = slots.count - 1
        var slot = (Int(key.aux) &* 0x9E5) & mask
        while slots[slot] != 0 {
            let other = keys[Int(slots[slot]) - 1]
            if other.aux == key.aux, other.text.equals(key.text) { return slot }
            slot = (slot + 1) & mask
        }
        return slot
    }

    private mutating func grow() {
        slots = [UInt32](repeating: 0, count: slots.count * 2)
        for (number, key) in keys.enumerated() { slots[place(of: key)] = UInt32(number + 1) }
    }
}
