internal import JSON
internal import Signing
internal import SobreDelivery
internal import SobreModel
internal import Text

/// The signature of Amazon SNS over a message of a topic. Source: Amazon SNS Developer Guide, "Verifying the signatures
/// of Amazon SNS messages".
final class SNSVerifier: ReceiptVerifier {
    /// SNS repeats a message that was not taken for about an hour.
    private static let maxAge = Duration.seconds(86_400)

    private let topics: Set<String>
    private let certificates: SNSCertificates?

    /// - Parameters:
    ///   - topics: the names (ARN) of the topics that are believed.
    ///   - transport: fetches certificates and confirms subscriptions; nil: neither is done.
    init(topics: Set<String>, transport: (any Transport)?) {
        self.topics = topics
        certificates = transport.map { SNSCertificates(transport: $0) }
    }

    /// Reads messages and believes none.
    static let unbound = SNSVerifier(topics: [], transport: nil)

    func verify(_ receipt: IncomingReceipt, now: Instant) throws(ReceiptRefusal) {
        guard let root = receipt.root, root.kind == .object, let type = root["Type"]?.string,
            let topic = root["TopicArn"]?.string, let url = root["SigningCertURL"]?.string,
            let code = root["Signature"]?.string.flatMap({ try? Base64.decode($0) }),
            let message = Self.signed(type, root)
        else { throw refused("The receipt is not a signed message of Amazon SNS.") }
        guard topics.contains(topic) else {
            throw refused("The receipt is of another SNS topic than those of the settings.")
        }
        guard Self.isAmazon(url), url.hasSuffix(".pem") else {
            throw refused("The receipt's certificate is not at a host of Amazon SNS.")
        }
        guard let certificates else { throw refused("Certificates of Amazon SNS cannot be fetched here.") }
        let key = try certificates.key(at: url)
        let bytes = Array(message.utf8)
        let isValid =
            root["SignatureVersion"]?.string == "2"
            ? key.verify(code, of: bytes, with: .rs256) : key.verifySHA1(code, of: bytes)
        guard isValid else { throw refused("The signature of the SNS message does not match.") }
        try check(root["Timestamp"]?.string.flatMap { ReceiptTime.instant($0) }, within: Self.maxAge, of: now)
    }

    /// The message that SNS carries. A subscription that waits for its confirmation is confirmed.
    ///
    /// - Returns: nil if there is nothing to read.
    /// - Throws: ``ReceiptRefusal`` when it is not a message of SNS.
    func message(of receipt: IncomingReceipt) throws(ReceiptRefusal) -> [UInt8]? {
        switch receipt.root?["Type"]?.string {
        case "Notification":
            if let text = receipt.root?["Message"]?.string { return Array(text.utf8) }
        case "SubscriptionConfirmation":
            if let url = receipt.root?["SubscribeURL"]?.string, Self.isAmazon(url) { certificates?.confirm(url) }
            return nil
        case "UnsubscribeConfirmation": return nil
        default: break
        }
        throw ReceiptRefusal(.malformed, "The receipt is not a message of Amazon SNS.")
    }

    /// Names and values, each on a line, in this order.
    private static func signed(_ type: String, _ root: JSONRef) -> String? {
        let names =
            type == "Notification"
            ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
            : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
        var text = ""
        for name in names {
            guard let value = root[name]?.string else {
                if name == "Subject" { continue }
                return nil
            }
            text += "\(name)\n\(value)\n"
        }
        return text
    }

    /// Whether a URL is https at `sns.REGION.amazonaws.com`. Anything else could be an attacker's host.
    static func isAmazon(_ url: String) -> Bool {
        guard url.hasPrefix("https://"), ProviderURL.problem(in: url) == nil else { return false }
        let host = url.dropFirst(8).prefix { $0 != "/" && $0 != "?" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let suffixes = [["amazonaws", "com"], ["amazonaws", "com", "cn"]]
        guard labels.count > 2, labels[0] == "sns", suffixes.contains(labels.dropFirst(2).map(String.init)) else {
            return false
        }
        return labels[1].utf8.allSatisfy { $0.isASCIIAlphanumeric || $0 == UInt8(ascii: "-") } && !labels[1].isEmpty
    }
}
