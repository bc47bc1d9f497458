public import SobreModel

/// The content of an unsubscribe link. It identifies a delivery and a hashed recipient, never an address or an id.
public struct UnsubscribeToken: Hashable, Sendable {
    /// The delivery that carried the link.
    public var delivery: DeliveryID
    /// The hash of the recipient's id.
    public var person: KeyHash
    /// The channel of the delivery.
    public var channel: Channel
    /// The category of the message.
    public var category: String
    /// The topic of the message, if any.
    public var topic: String?

    public init(delivery: DeliveryID, person: KeyHash, channel: Channel, category: String, topic: String? = nil) {
        self.delivery = delivery
        self.person = person
        self.channel = channel
        self.category = category
        self.topic = topic
    }

    /// The longest category or topic in a token, in bytes. Longer ones are cut.
    static let maxNameBytes = 255

    /// The bytes to sign: channel, delivery, recipient, then category and topic, each after a length byte.
    var bytes: [UInt8] {
        var bytes: [UInt8] = [channel.rawValue]
        for value in [UInt64(bitPattern: delivery.rawValue), person.rawValue] {
            for shift in stride(from: UInt64(56), through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        for name in [category, topic ?? ""] {
            let text = Array(name.utf8.prefix(Self.maxNameBytes))
            bytes.append(UInt8(text.count))
            bytes += text
        }
        return bytes
    }

    /// Reads ``bytes``; nil if they are invalid.
    init?(bytes: ArraySlice<UInt8>) {
        var rest = bytes
        guard let channel = rest.popFirst().flatMap({ Channel(rawValue: $0) }), rest.count >= 18 else { return nil }
        func number() -> UInt64 { (0..<8).reduce(0) { value, _ in value << 8 | UInt64(rest.removeFirst()) } }
        let delivery = number()
        let person = number()
        var names: [String] = []
        for _ in 0..<2 {
            guard let count = rest.popFirst(), rest.count >= Int(count),
                let name = String(validating: rest.prefix(Int(count)), as: UTF8.self)
            else { return nil }
            rest.removeFirst(Int(count))
            names.append(name)
        }
        guard rest.isEmpty else { return nil }
        self.init(
            delivery: DeliveryID(rawValue: Int64(bitPattern: delivery)), person: KeyHash(rawValue: person),
            channel: channel, category: names[0], topic: names[1].isEmpty ? nil : names[1])
    }
}
