/// The state of MD5 between two blocks (RFC 1321).
struct MD5State {
    private(set) var a: UInt32 = 0x6745_2301
    private(set) var b: UInt32 = 0xefcd_ab89
    private(set) var c: UInt32 = 0x98ba_dcfe
    private(set) var d: UInt32 = 0x1032_5476

    /// Takes in one block of 64 bytes.
    mutating func compress(_ block: UnsafePointer<UInt8>, _ sines: UnsafeBufferPointer<UInt32>) {
        let raw = UnsafeRawPointer(block)
        var next = self
        for index in 0..<64 {
            let mix: UInt32
            let word: Int
            switch index >> 4 {
            case 0: (mix, word) = ((next.b & next.c) | (~next.b & next.d), index)
            case 1: (mix, word) = ((next.d & next.b) | (~next.d & next.c), (5 * index + 1) & 15)
            case 2: (mix, word) = (next.b ^ next.c ^ next.d, (3 * index + 5) & 15)
            default: (mix, word) = (next.c ^ (next.b | ~next.d), (7 * index) & 15)
            }
            let value = UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: word * 4, as: UInt32.self))
            let sum = next.a &+ mix &+ sines[index] &+ value
            let turned = next.b &+ Self.rotate(sum, Self.shift(index))
            (next.a, next.d, next.c, next.b) = (next.d, next.c, next.b, turned)
        }
        (a, b, c, d) = (a &+ next.a, b &+ next.b, c &+ next.c, d &+ next.d)
    }

    /// The rotation of a round: four of each group, in turn.
    private static func shift(_ index: Int) -> UInt32 {
        let groups: (UInt32, UInt32, UInt32, UInt32)
        switch index >> 4 {
        case 0: groups = (7, 12, 17, 22)
        case 1: groups = (5, 9, 14, 20)
        case 2: groups = (4, 11, 16, 23)
        default: groups = (6, 10, 15, 21)
        }
        switch index & 3 {
        case 0: return groups.0
        case 1: return groups.1
        case 2: return groups.2
        default: return groups.3
        }
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ by: UInt32) -> UInt32 { value << by | value >> (32 - by) }
}
