import Glibc

/// Searches for bytes in bytes, in time that is linear in both, whatever they are.
extension ByteSlice {
    /// The first index of `needle` at or after `start`, or -1.
    ///
    /// Jumps from one first byte to the next, which is fastest in ordinary texts. When many of them are near misses,
    /// it goes on with a search that reads each byte once.
    func find(_ needle: ByteSlice, from start: Int = 0) -> Int {
        if needle.count == 0 { return start <= count ? start : -1 }
        if start >= count || needle.count > count - start { return -1 }
        let first = needle[0]
        let last = count - needle.count
        let head = min(needle.count, 16)
        var compared = 0
        var at = start
        while at <= last, let hit = index(of: first, from: at, to: last + 1) {
            if memcmp(base + hit, needle.base, head) == 0 {
                if memcmp(base + hit, needle.base, needle.count) == 0 { return hit }
                compared += needle.count
            }
            compared += 16
            at = hit + 1
            if compared > 8 * (at - start) + 4 * needle.count + 256 { return findSteadily(needle, from: at) }
        }
        return -1
    }

    /// The last index of `needle`, or -1.
    func findLast(_ needle: ByteSlice) -> Int {
        if needle.count == 0 { return count }
        if needle.count > count { return -1 }
        return withBorders(of: needle, { needle.base[needle.count - 1 - $0] }) { borders in
            var matched = 0
            var at = count - 1
            while at >= 0 {
                let byte = self[at]
                while matched > 0, byte != needle[needle.count - 1 - matched] { matched = Int(borders[matched - 1]) }
                if byte == needle[needle.count - 1 - matched] { matched += 1 }
                if matched == needle.count { return at }
                at -= 1
            }
            return -1
        }
    }

    /// The first index of `needle` at or after `start`, or -1, by the search of Knuth, Morris and Pratt.
    private func findSteadily(_ needle: ByteSlice, from start: Int) -> Int {
        withBorders(of: needle, { needle.base[$0] }) { borders in
            var matched = 0
            var at = start
            while at < count {
                let byte = self[at]
                while matched > 0, byte != needle[matched] { matched = Int(borders[matched - 1]) }
                if byte == needle[matched] { matched += 1 }
                at += 1
                if matched == needle.count { return at - matched }
            }
            return -1
        }
    }

    /// Passes the lengths of the longest borders of a needle's beginnings: parts that are both its start and its end.
    /// `byte` reads the needle in the direction of the search.
    private func withBorders(
        of needle: ByteSlice, _ byte: (Int) -> UInt8, _ body: (UnsafeMutableBufferPointer<Int32>) -> Int
    ) -> Int {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: needle.count) { borders in
            borders.initialize(repeating: 0)
            var matched = 0
            for index in 1..<max(1, needle.count) {
                while matched > 0, byte(index) != byte(matched) { matched = Int(borders[matched - 1]) }
                if byte(index) == byte(matched) { matched += 1 }
                borders[index] = Int32(matched)
            }
            return body(borders)
        }
    }
}
