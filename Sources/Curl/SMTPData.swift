import Glibc

/// Encodes a message for the wire after DATA (RFC 5321 §4.5.2).
enum SMTPData {
    /// The line that ends every message.
    static let end: [UInt8] = [UInt8(ascii: "."), 0x0D, 0x0A]

    /// `message` with its dots stuffed, its last line ended and the end marker appended.
    ///
    /// - Throws: ``TransferFailure`` for a lone CR, a lone LF or a NUL. Servers disagree about lone LFs: one that
    ///   takes LF . LF for the end of the message would read the rest as commands (SMTP smuggling).
    static func encode(_ message: [UInt8]) throws(TransferFailure) -> [UInt8] {
        var wire: [UInt8] = []
        wire.reserveCapacity(message.count + message.count / 64 + 8)
        let problem = message.withUnsafeBytes { append($0, to: &wire) }
        if let problem { throw problem }
        return wire + end
    }

    /// Appends a message line by line. Returns what is wrong with it.
    private static func append(_ message: UnsafeRawBufferPointer, to wire: inout [UInt8]) -> TransferFailure? {
        if position(of: 0x00, in: message) != nil { return loneLF }
        var rest = message
        while !rest.isEmpty {
            let lineEnd = position(of: 0x0A, in: rest)
            let line = UnsafeRawBufferPointer(rebasing: rest[..<(lineEnd ?? rest.count)])
            let ends = lineEnd != nil
            if let cr = position(of: 0x0D, in: line) {
                guard ends, cr == line.count - 1 else { return loneCR }
            } else if ends {
                return loneLF
            }
            if line.first == UInt8(ascii: ".") { wire.append(UInt8(ascii: ".")) }
            wire.append(contentsOf: line)
            wire.append(contentsOf: ends ? [0x0A] : [0x0D, 0x0A])
            rest = UnsafeRawBufferPointer(rebasing: rest[min(line.count + 1, rest.count)...])
        }
        return nil
    }

    private static func position(of byte: Int32, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let base = bytes.baseAddress, let found = memchr(base, byte, bytes.count) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    private static let loneLF = TransferFailure.invalid(
        "The message holds an LF without CR or a NUL; end its lines in CR LF.")
    private static let loneCR = TransferFailure.invalid(
        "The message holds a CR without LF; end its lines in CR LF.")

    /// Whether the header, which ends at the first empty line, contains non-ASCII bytes.
    static func headerHasEightBit(_ message: [UInt8]) -> Bool {
        var lineStart = 0
        for (index, byte) in message.enumerated() {
            if byte >= 0x80 { return true }
            guard byte == 0x0A else { continue }
            if index - lineStart <= 1 { return false }
            lineStart = index + 1
        }
        return false
    }
}
