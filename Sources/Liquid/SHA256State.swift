/// The state of SHA-256 between two blocks (FIPS 180-4).
struct SHA256State {
    private var a: UInt32 = 0x6a09_e667
    private var b: UInt32 = 0xbb67_ae85
    private var c: UInt32 = 0x3c6e_f372
    private var d: UInt32 = 0xa54f_f53a
    private var e: UInt32 = 0x510e_527f
    private var f: UInt32 = 0x9b05_688c
    private var g: UInt32 = 0x1f83_d9ab
    private var h: UInt32 = 0x5be0_cd19

    var words: [UInt32] { [a, b, c, d, e, f, g, h] }

    /// Takes in one block of 64 bytes. `schedule` is scratch memory for 64 words.
    mutating func compress(
        _ block: UnsafePointer<UInt8>, _ schedule: UnsafeMutableBufferPointer<UInt32>,
        _ constants: UnsafeBufferPointer<UInt32>
    ) {
        let raw = UnsafeRawPointer(block)
        for index in 0..<16 {
            schedule[index] = UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
        }
        for index in 16..<64 {
            let early = schedule[index - 15]
            let late = schedule[index - 2]
            let s0 = Self.rotate(early, 7) ^ Self.rotate(early, 18) ^ early >> 3
            let s1 = Self.rotate(late, 17) ^ Self.rotate(late, 19) ^ late >> 10
            schedule[index] = schedule[index - 16] &+ s0 &+ schedule[index - 7] &+ s1
        }
        var next = self
        for index in 0..<64 {
            let s1 = Self.rotate(next.e, 6) ^ Self.rotate(next.e, 11) ^ Self.rotate(next.e, 25)
            let choice = (next.e & next.f) ^ (~next.e & next.g)
            let first = next.h &+ s1 &+ choice &+ constants[index] &+ schedule[index]
            let s0 = Self.rotate(next.a, 2) ^ Self.rotate(next.a, 13) ^ Self.rotate(next.a, 22)
            let majority = (next.a & next.b) ^ (next.a & next.c) ^ (next.b & next.c)
            (next.h, next.g, next.f, next.e) = (next.g, next.f, next.e, next.d &+ first)
            (next.d, next.c, next.b, next.a) = (next.c, next.b, next.a, first &+ s0 &+ majority)
        }
        (a, b, c, d) = (a &+ next.a, b &+ next.b, c &+ next.c, d &+ next.d)
        (e, f, g, h) = (e &+ next.e, f &+ next.f, g &+ next.g, h &+ next.h)
    }

    @inline(__always)
    private static func rotate(_ value: UInt32, _ by: UInt32) -> UInt32 { value >> by | value << (32 - by) }
}
