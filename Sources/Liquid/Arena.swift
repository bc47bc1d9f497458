import Glibc

/// A bump allocator of blocks that never move, so that values can point into it until `reset`.
///
/// Memory is kept between renders, up to `retained` bytes, so that a warm renderer allocates nothing.
struct Arena: ~Copyable {
    private struct Block {
        var base: UnsafeMutableRawPointer
        var size: Int
    }

    private var blocks: [Block] = []
    private var current = -1
    private var cursor: UnsafeMutableRawPointer
    private var end: UnsafeMutableRawPointer
    /// Bytes in the blocks before `current`: roughly, the memory in use.
    private var filled = 0
    /// The most bytes that may be in use at once.
    var limit = 16 << 20

    private static let blockSize = 64 << 10
    private static let retained = 4 << 20

    init() {
        // An address that is never written. The first allocation finds no room and takes a block.
        cursor = UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped
        end = cursor
    }

    deinit { for block in blocks { free(block.base) } }

    /// `size` bytes, aligned to 16. Returns nil when the limit is reached or no memory is left.
    @inline(__always)
    mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
        let rounded = (size &+ 15) & ~15
        if rounded <= cursor.distance(to: end) {
            let place = cursor
            cursor += rounded
            return place
        }
        return allocateSlowly(rounded)
    }

    /// Returns the tail of the newest allocation, of which only `used` of `size` bytes were needed.
    @inline(__always)
    mutating func shrink(_ place: UnsafeMutableRawPointer, from size: Int, to used: Int) {
        if place + ((size &+ 15) & ~15) == cursor { cursor = place + ((used &+ 15) & ~15) }
    }

    @inline(never)
    private mutating func allocateSlowly(_ size: Int) -> UnsafeMutableRawPointer? {
        guard size >= 0, filled + size <= limit else { return nil }
        while current + 1 < blocks.count, blocks[current + 1].size < size {
            // The block is too small for this request. Drop it and try the next one.
            free(blocks.remove(at: current + 1).base)
        }
        if current + 1 == blocks.count {
            let wanted = max(size, Self.blockSize)
            guard let base = aligned_alloc(16, (wanted + 15) & ~15) else { return nil }
            blocks.append(Block(base: base, size: wanted))
        }
        current += 1
        let block = blocks[current]
        filled += block.size
        cursor = block.base + size
        end = block.base + block.size
        return block.base
    }

    /// Frees all allocations at once. Blocks beyond `retained` bytes are returned to the system.
    mutating func reset() {
        var kept = 0
        var keep = 0
        while keep < blocks.count, kept + blocks[keep].size <= Self.retained {
            kept += blocks[keep].size
            keep += 1
        }
        while blocks.count > keep { free(blocks.removeLast().base) }
        filled = 0
        current = -1
        if let first = blocks.first {
            current = 0
            filled = first.size
            cursor = first.base
            end = first.base + first.size
        } else {
            cursor = UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped
            end = cursor
        }
    }
}
