/// Memory for one request body at a time, at an address that is stable while libcurl reads it.
///
/// Belongs to one ``Transfer`` and so to the loop thread. It is filled before the transfer starts and not changed
/// until the transfer ends.
struct RequestBody: ~Copyable {
    /// The capacity that is kept from one request to the next.
    private static let keptBytes = 16 << 10

    private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 10, alignment: 1)

    deinit { memory.deallocate() }

    /// The address of the body.
    var start: UnsafeMutableRawPointer? { memory.baseAddress }

    mutating func fill(_ bytes: [UInt8]) {
        if bytes.count > memory.count { resize(to: max(bytes.count, memory.count * 2)) }
        memory.copyBytes(from: bytes)
    }

    /// Frees the memory of a large body.
    mutating func shrink() {
        if memory.count > Self.keptBytes { resize(to: 1 << 10) }
    }

    private mutating func resize(to count: Int) {
        memory.deallocate()
        memory = .allocate(byteCount: count, alignment: 1)
    }
}
