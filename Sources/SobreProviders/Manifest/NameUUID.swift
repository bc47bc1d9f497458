internal import Signing
internal import Text

/// UUIDs made of texts, for providers whose keys must be UUIDs (RFC 9562 §5.5, version 5).
enum NameUUID {
    /// The namespace of Sobre's keys, drawn at random once. A change would make repeated requests look new.
    static let namespace: [UInt8] = [
        0x5b, 0x1f, 0x6a, 0x0e, 0x93, 0x4d, 0x4c, 0x7a, 0x8f, 0x21, 0x6d, 0xc2, 0x10, 0xe7, 0x95, 0x3b,
    ]

    static func text(of name: [UInt8]) -> String {
        var bytes = Array(Digest.sha1(namespace + name)[..<16])
        bytes[6] = bytes[6] & 0x0f | 0x50
        bytes[8] = bytes[8] & 0x3f | 0x80
        let hex = Hex.encode(bytes)
        var text = ""
        for (index, character) in hex.enumerated() {
            if [8, 12, 16, 20].contains(index) { text += "-" }
            text.append(character)
        }
        return text
    }
}
