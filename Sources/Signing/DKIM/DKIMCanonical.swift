/// The relaxed canonical forms of an email's header fields and body (RFC 6376 §3.4.2, §3.4.4).
enum DKIMCanonical {
    /// One header field of an email.
    struct Field {
        /// The name in lower case.
        var name: String
        /// `name:value` in canonical form, without a line end.
        var bytes: [UInt8]
    }

    /// Reads the header of an email whose lines end with CRLF.
    ///
    /// - Parameter mail: the email.
    /// - Returns: its fields from top to bottom, and where the body begins.
    static func header(of mail: [UInt8]) -> (fields: [Field], body: Int) {
        var fields: [Field] = []
        var start = 0
        while start < mail.count {
            if mail[start] == cr, start + 1 < mail.count, mail[start + 1] == lf { return (fields, start + 2) }
            var end = start
            // A line that begins with white space continues the field before it.
            repeat {
                while end < mail.count, mail[end] != lf { end += 1 }
                end += 1
            } while end < mail.count && isBlank(mail[end])
            end = min(end, mail.count)
            if let field = field(mail[start..<end]) { fields.append(field) }
            start = end
        }
        return (fields, mail.count)
    }

    /// One field in canonical form; nil if the line has no colon.
    static func field(_ line: ArraySlice<UInt8>) -> Field? {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(line.count)
        for byte in line[..<colon] where !isBlank(byte) {
            bytes.append(byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte)
        }
        let name = String(decoding: bytes, as: UTF8.self)
        bytes.append(UInt8(ascii: ":"))
        var isPending = false
        var isEmpty = true
        for byte in line[(colon + 1)...] {
            if isBlank(byte) || byte == cr || byte == lf {
                isPending = true
                continue
            }
            if isPending, !isEmpty { bytes.append(space) }
            isPending = false
            isEmpty = false
            bytes.append(byte)
        }
        return Field(name: name, bytes: bytes)
    }

    /// A body in canonical form: no white space at the ends of lines, single spaces within them, no empty lines at the
    /// end.
    static func body(_ body: ArraySlice<UInt8>) -> [UInt8] {
        // The unsafe buffer avoids a bounds check for each byte: a body may have megabytes.
        body.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: source.count + 2) { out, count in
                count = write(source, to: out)
            }
        }
    }

    /// Every byte of `source` becomes at most one byte, and at most one CRLF is added at the end.
    private static func write(_ source: UnsafeBufferPointer<UInt8>, to out: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var count = 0
        var isPending = false
        // Where the canonical body ends: after the line end of the last line that is not empty.
        var end = 0
        for index in source.indices {
            let byte = source[index]
            if isBlank(byte) {
                isPending = true
            } else if byte == cr, index + 1 < source.count, source[index + 1] == lf {
                isPending = false
            } else if byte == lf, index > 0, source[index - 1] == cr {
                let isEmpty = count == 0 || out[count - 1] == lf
                out[count] = cr
                out[count + 1] = lf
                count += 2
                if !isEmpty { end = count }
            } else {
                if isPending {
                    out[count] = space
                    count += 1
                }
                isPending = false
                out[count] = byte
                count += 1
                end = 0
            }
        }
        if end == 0, count > 0, out[count - 1] != lf {
            // A last line without a line end gets one.
            out[count] = cr
            out[count + 1] = lf
            return count + 2
        }
        return end
    }

    private static let cr = UInt8(ascii: "\r")
    private static let lf = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
