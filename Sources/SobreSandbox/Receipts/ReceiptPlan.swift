public import Text

/// Which receipts the sandbox sends for accepted messages, and with what irregularities.
public struct ReceiptPlan: Sendable, Equatable, Redacted {
    /// The URL that receipts are sent to. `{provider}` and `{channel}` are replaced by those of the message. The
    /// receipts of a message with its own callback URL on this machine are sent to that URL.
    public var url: String
    /// The Standard Webhooks secret (`whsec_…` or bare base64) that signs them; nil means no signature.
    public var secret: String?
    /// The shares of accepted messages that bounce permanently and temporarily. The others are delivered.
    public var bounced = 0.0
    public var softBounced = 0.0
    /// The share of delivered messages.
    public var opened = 0.0
    /// The share of opened messages.
    public var clicked = 0.0
    /// The share of delivered messages.
    public var unsubscribed = 0.0
    public var complained = 0.0
    /// The share of deliveries for which a receipt is sent.
    public var delivered = 1.0
    /// The delay of each receipt after the message, drawn for each copy. So receipts arrive out of order.
    public var delayMilliseconds = 0...50
    /// The number of times each receipt is sent.
    public var copies = 1

    /// A plan that sends a receipt for every delivery and nothing else.
    public init(url: String, secret: String? = nil) {
        self.url = url
        self.secret = secret
    }

    static let maxDelayMilliseconds = 3_600_000
    static let maxCopies = 100

    /// Reads a plan in command-line format:
    /// `delivered=95%,opened=40%,clicked=10%,bounced=2%,soft=1%,unsubscribed=1%,`
    /// `complained=0.1%,delay=10ms..200ms,copies=3`.
    ///
    /// - Throws: ``SandboxError/configuration(_:)`` that names the entry and says what would be right.
    public mutating func read(_ text: String) throws(SandboxError) {
        for entry in text.split(separator: ",") {
            let parts = entry.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else {
                throw .configuration("The receipts entry \"\(clipped(entry))\" has no value; write delivered=95%.")
            }
            switch parts[0] {
            case "delivered": delivered = try Self.share(parts[1], entry)
            case "opened": opened = try Self.share(parts[1], entry)
            case "clicked": clicked = try Self.share(parts[1], entry)
            case "bounced": bounced = try Self.share(parts[1], entry)
            case "soft": softBounced = try Self.share(parts[1], entry)
            case "unsubscribed": unsubscribed = try Self.share(parts[1], entry)
            case "complained": complained = try Self.share(parts[1], entry)
            case "delay": delayMilliseconds = try Self.delay(parts[1], entry)
            case "copies":
                guard let count = Int(parts[1]), (1...Self.maxCopies).contains(count) else {
                    throw .configuration("\"\(clipped(entry))\": copies is a number from 1 to \(Self.maxCopies).")
                }
                copies = count
            default:
                throw .configuration(
                    "The receipts entry \"\(clipped(entry))\" is not known; choose delivered, opened, clicked, bounced, "
                        + "soft, unsubscribed, complained, delay or copies.")
            }
        }
        if bounced + softBounced > 1 { throw .configuration("bounced and soft together are more than 100 %.") }
    }

    private static func share(_ text: Substring, _ entry: Substring) throws(SandboxError) -> Double {
        let number = text.last == "%" ? Double(text.dropLast()).map { $0 / 100 } : Double(text)
        guard let number, (0...1).contains(number) else {
            throw .configuration("\"\(clipped(entry))\" is not a share; write 5% or 0.05.")
        }
        return number
    }

    private static func delay(_ text: Substring, _ entry: Substring) throws(SandboxError) -> ClosedRange<Int> {
        func milliseconds(_ text: Substring) -> Int? {
            if text.hasSuffix("ms") { return Int(text.dropLast(2)) }
            if text.hasSuffix("s") { return Int(text.dropLast()).map { $0 * 1000 } }
            return nil
        }
        let dots = text.utf8.firstIndex(of: UInt8(ascii: ".")) ?? text.endIndex
        let low = milliseconds(text[..<dots])
        let high = dots == text.endIndex ? low : milliseconds(text[dots...].drop { $0 == "." })
        guard let low, let high, low <= high, 0 <= low, high <= maxDelayMilliseconds else {
            throw .configuration("\"\(clipped(entry))\" is not a delay; write 50ms or 10ms..2s, at most an hour.")
        }
        return low...high
    }
}
