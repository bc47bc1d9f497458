internal import Signing
public import SobreModel
internal import Text

/// The envelope sender of emails, to which bounces are sent.
///
/// With a key, each email has a return path of its own (VERP): `bounces@example.com` becomes
/// `bounces+TOKEN@example.com`, where the token is the delivery's id and a MAC over it. A bounce then names its message
/// even if it quotes nothing of it, and nobody who does not have the key can make one up.
public struct ReturnPath: Sendable {
    /// The address without a token, in ASCII where that is possible.
    public let address: String
    /// The first key makes tokens; any of them verifies one.
    private let keys: [HMACKey]
    private let local: Substring
    private let domain: Substring

    private static let macBytes = 10
    private static let idLength = 13
    private static let tokenLength = idLength + 2 * macBytes
    /// The longest local part that leaves room for `+` and a token (RFC 5321 §4.5.3.1.1).
    public static let maxLocalBytes = MailAddressGrammar.maxLocalBytes - tokenLength - 1

    /// - Parameters:
    ///   - address: a valid address.
    ///   - keys: the secrets of the tokens, the newest first; empty: the address is used as it is.
    public init(address: String, keys: [[UInt8]] = []) {
        self.address = MailAddressGrammar.wire(address)
        self.keys = keys.map { HMACKey($0) }
        let at = self.address.lastIndex(of: "@") ?? self.address.endIndex
        local = self.address[..<at]
        domain = self.address[at...].dropFirst()
    }

    /// Whether every email has an address of its own.
    public var isPerMessage: Bool { !keys.isEmpty }

    /// The envelope sender of a delivery's emails.
    public func sender(for delivery: DeliveryID) -> String {
        guard let key = keys.first else { return address }
        return "\(local)+\(delivery)\(Self.mac(of: delivery, key))@\(domain)"
    }

    /// What the tokens in a text say: the header of a bounce, or what it quotes.
    public enum Token: Hashable, Sendable {
        /// No address of this return path is in the text.
        case none
        /// A token names this delivery.
        case delivery(DeliveryID)
        /// There is an address with a token that was not made with any of the keys.
        case forged
    }

    /// Looks for an address of this return path with a token.
    ///
    /// - Parameter text: any text. Letters of either case are equal, since some servers change them.
    /// - Returns: the first valid token; ``Token/forged`` if there are only others.
    public func token(in text: [UInt8]) -> Token {
        guard !keys.isEmpty else { return .none }
        let prefix = Array("\(local)+".lowercased().utf8)
        let suffix = Array("@\(domain)".lowercased().utf8)
        var found = Token.none
        var start = 0
        let length = prefix.count + Self.tokenLength + suffix.count
        while start + length <= text.count {
            defer { start += 1 }
            guard Self.matches(prefix, text, at: start),
                Self.matches(suffix, text, at: start + prefix.count + Self.tokenLength)
            else { continue }
            let token = text[(start + prefix.count)..<(start + prefix.count + Self.tokenLength)]
            if let delivery = delivery(of: String(decoding: token, as: UTF8.self).lowercased()) {
                return .delivery(delivery)
            }
            found = .forged
        }
        return found
    }

    private func delivery(of token: String) -> DeliveryID? {
        guard let id = DeliveryID(token.prefix(Self.idLength)) else { return nil }
        let mac = Array(token.dropFirst(Self.idLength).utf8)
        return keys.contains { constantTimeEquals(Array(Self.mac(of: id, $0).utf8), mac) } ? id : nil
    }

    private static func mac(of delivery: DeliveryID, _ key: HMACKey) -> String {
        Hex.encode(Array(key.authenticate("sobre return path \(delivery)").prefix(macBytes)))
    }

    private static func matches(_ pattern: [UInt8], _ text: [UInt8], at start: Int) -> Bool {
        for (offset, byte) in pattern.enumerated() {
            let other = text[start + offset]
            if byte != (other >= 0x41 && other <= 0x5a ? other | 0x20 : other) { return false }
        }
        return true
    }
}
