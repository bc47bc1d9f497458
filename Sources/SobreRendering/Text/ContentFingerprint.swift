internal import SobreModel
internal import Text

/// Identifies the content of a message, so that the same content is found under another campaign's name.
///
/// Case, whitespace and the tracking parameters of links are ignored. Digits count, so that two one-time codes
/// differ. Sobre's own URLs (such as unsubscribe) differ for every message and are ignored too.
struct ContentFingerprint {
    private var hash = StableHash()
    /// URLs that are ignored.
    private let ownAddresses: [[UInt8]]

    init(ownAddresses: [String]) {
        // As they stand in text and, escaped, in HTML.
        let inHTML = ownAddresses.map { address in
            var bytes: [UInt8] = []
            HTMLEscaping.append(address, to: &bytes)
            return bytes
        }
        self.ownAddresses = (ownAddresses.map { Array($0.utf8) } + inHTML).filter { !$0.isEmpty }
    }

    /// Adds one part of the message.
    mutating func combine(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count + 1) { counted in
                let length = normalise(bytes, into: counted)
                hash.combine(UnsafeBufferPointer(rebasing: counted[..<length]))
            }
        }
    }

    /// Adds a file.
    mutating func combine(_ file: EmailContent.Attachment) { hash.combine(file.digest) }

    var keyHash: KeyHash { hash.keyHash }

    /// Writes the bytes that count, in order, and returns how many they are: never more than there were.
    private func normalise(_ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var length = 0
        var at = 0
        var pendingSpace = false
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case 0x20, 0x09...0x0D:
                pendingSpace = length > 0
                at += 1
                continue
            case UInt8(ascii: "?"), UInt8(ascii: "&"):
                if let end = endOfTracking(bytes, at) {
                    at = end
                    continue
                }
            case UInt8(ascii: "h"):
                if let own = ownAddresses.first(where: { Self.begins(bytes, at, $0) }) {
                    at += own.count
                    continue
                }
            default: break
            }
            if pendingSpace {
                out[length] = 0x20
                length += 1
                pendingSpace = false
            }
            out[length] = byte &- 0x41 < 26 ? byte | 0x20 : byte
            length += 1
            at += 1
        }
        return length
    }

    private static let tracking = ["utm_", "gclid=", "fbclid="].map { Array($0.utf8) }
    private static let escapedMark = Array("&amp;".utf8)

    /// The end of a tracking parameter that begins with the `?`, the `&` or, in HTML, the `&amp;` at `mark`.
    private func endOfTracking(_ bytes: UnsafeBufferPointer<UInt8>, _ mark: Int) -> Int? {
        var at = Self.begins(bytes, mark, Self.escapedMark) ? mark + 5 : mark + 1
        guard Self.tracking.contains(where: { Self.begins(bytes, at, $0) }) else { return nil }
        while at < bytes.count, !Self.endsParameter(bytes[at]) { at += 1 }
        return at
    }

    private static func begins(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int, _ wanted: [UInt8]) -> Bool {
        guard bytes.count - at >= wanted.count else { return false }
        for index in wanted.indices where bytes[at + index] != wanted[index] { return false }
        return true
    }

    private static func endsParameter(_ byte: UInt8) -> Bool {
        byte <= 0x20 || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: ")")
            || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: ">")
    }
}
