import Glibc

/// The output of a render. Its memory is kept from one render to the next.
struct OutputBuffer: ~Copyable {
    private(set) var base: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    /// The number of bytes that may be written to `base`: its capacity or the limit, whichever is smaller.
    private var room: Int
    private var capacity: Int
    /// The most bytes the output may have.
    private var limit = Int.max
    /// Whether an append exceeded the limit, so that the text is incomplete.
    private(set) var isOverfull = false

    private static let retained = 1 << 20

    init() {
        capacity = 4096
        room = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    mutating func reset(limit: Int) {
        if capacity > OutputBuffer.retained {
            base.deallocate()
            capacity = 4096
            base = .allocate(capacity: capacity)
        }
        count = 0
        self.limit = limit
        room = min(capacity, limit)
        isOverfull = false
    }

    @inline(__always)
    mutating func append(_ from: UnsafePointer<UInt8>, _ length: Int) {
        if length > room &- count, !grow(by: length) { return }
        memcpy(base + count, from, length)
        count &+= length
    }

    @inline(__always)
    mutating func append(_ slice: ByteSlice) { append(slice.base, slice.count) }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        if room == count, !grow(by: 1) { return }
        base[count] = byte
        count &+= 1
    }

    mutating func append(_ literal: StaticString) { append(literal.utf8Start, literal.utf8CodeUnitCount) }

    /// Room for `length` bytes at the end, to be written directly and then `commit`ted; nil beyond the limit.
    @inline(__always)
    mutating func reserve(_ length: Int) -> UnsafeMutablePointer<UInt8>? {
        if length > room &- count, !grow(by: length) { return nil }
        return base + count
    }

    @inline(__always)
    mutating func commit(_ length: Int) { count &+= length }

    mutating func truncate(to length: Int) { count = length }

    @inline(never)
    private mutating func grow(by length: Int) -> Bool {
        guard count + length <= limit else {
            isOverfull = true
            return false
        }
        let wanted = max(capacity * 2, count + length)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: wanted)
        memcpy(larger, base, count)
        base.deallocate()
        base = larger
        capacity = wanted
        room = min(capacity, limit)
        return true
    }
}
