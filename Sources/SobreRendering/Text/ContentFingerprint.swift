internal import SobreModel

/// Identifies the content of a message, so that the same content is found under another campaign's name.
///
/// Case, whitespace and the tracking parameters of links are ignored. Digits count, so that two one-time codes
/// differ. Sobre's own URLs (such as unsubscribe) differ for every message and are ignored too.
struct ContentFingerprint {
    private var hash = StableHash()
    /// URLs that are ignored.
    private let ownAddresses: [[UInt8]]

    init(ownAddresses: [String]) {
        self.ownAddresses = ownAddresses.filter { !$0.isEmpty }.map { Array($0.utf8) }
    }

    /// Adds one part of the message.
    mutating func combine(_ text: String) {
        hash.combine(Normalised(bytes: Array(text.utf8), ignored: ownAddresses))
    }

    var keyHash: KeyHash { hash.keyHash }

    /// The bytes that count, in order.
    private struct Normalised: Sequence, IteratorProtocol {
        let bytes: [UInt8]
        let ignored: [[UInt8]]
        var at = 0
        var pendingSpace = false
        var hasBegun = false

        mutating func next() -> UInt8? {
            while at < bytes.count {
                let byte = bytes[at]
                if byte == 0x20 || byte &- 0x09 < 5 {
                    pendingSpace = hasBegun
                    at += 1
                } else if (byte == UInt8(ascii: "?") || byte == UInt8(ascii: "&")), isTracking(at + 1) {
                    at += 1
                    while at < bytes.count, !endsParameter(bytes[at]) { at += 1 }
                } else if let length = ignoredLength() {
                    at += length
                } else if pendingSpace {
                    pendingSpace = false
                    return 0x20
                } else {
                    hasBegun = true
                    at += 1
                    return byte &- 0x41 < 26 ? byte | 0x20 : byte
                }
            }
            return nil
        }

        private func ignoredLength() -> Int? {
            guard bytes[at] == UInt8(ascii: "h") else { return nil }
            return ignored.first { bytes[at...].starts(with: $0) }?.count
        }

        private func isTracking(_ start: Int) -> Bool {
            bytes[start...].starts(with: "utm_".utf8) || bytes[start...].starts(with: "gclid=".utf8)
                || bytes[start...].starts(with: "fbclid=".utf8)
        }

        private func endsParameter(_ byte: UInt8) -> Bool {
            byte <= 0x20 || byte == UInt8(ascii: "&") || byte == UInt8(ascii: "#") || byte == UInt8(ascii: ")")
                || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") || byte == UInt8(ascii: ">")
        }
    }
}
