extension OutputBuffer {
    /// Appends text with `&`, `<`, `>`, `"` and `'` as entities.
    @inline(__always)
    mutating func appendHTML(_ text: ByteSlice) {
        var from = 0
        var at = 0
        let count = text.count
        let base = text.base
        while at < count {
            let byte = base[at]
            // All five are below 0x3F. Letters and non-ASCII bytes pass with one comparison.
            if byte < 0x3F, byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x22 || byte == 0x27 {
                append(base + from, at &- from)
                appendEntity(byte)
                from = at &+ 1
            }
            at &+= 1
        }
        append(base + from, count &- from)
    }

    @inline(never)
    private mutating func appendEntity(_ byte: UInt8) {
        switch byte {
        case 0x26: append("&amp;")
        case 0x3C: append("&lt;")
        case 0x3E: append("&gt;")
        case 0x22: append("&quot;")
        default: append("&#39;")
        }
    }
}
