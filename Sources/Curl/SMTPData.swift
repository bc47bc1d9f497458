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
        var previous: UInt8 = 0x0A
        for byte in message {
            switch byte {
            case 0x0A where previous != 0x0D, 0x00:
                throw .invalid("The message holds an LF without CR or a NUL; end its lines in CR LF.")
            case UInt8(ascii: ".") where previous == 0x0A:
                wire.append(byte)
            default:
                guard previous != 0x0D || byte == 0x0A else {
                    throw .invalid("The message holds a CR without LF; end its lines in CR LF.")
                }
            }
            wire.append(byte)
            previous = byte
        }
        guard previous != 0x0D else {
            throw .invalid("The message ends in a CR without LF; end its lines in CR LF.")
        }
        if previous != 0x0A { wire += [0x0D, 0x0A] }
        return wire + end
    }

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
