import Signing
import SobreDelivery
import SobreModel
import SobreProviders

/// Emails per second of one core: built with text and HTML of usual length, and signed with a 2048-bit RSA key, with an
/// Ed25519 key, and with both.
struct DKIMBench {
    private static let emails = 6_000

    func run() throws {
        let rsa = try DKIMKey(domain: "shop.example", selector: "r", text: try PrivateKey.generateRSA())
        // The key of RFC 8463 Appendix A.
        let ed25519 = try DKIMKey(
            domain: "shop.example", selector: "e", text: "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
        let unsigned = try rate(of: [])
        print("unsigned \(SobreBench.format(unsigned, digits: 0)) emails/s")
        for (name, keys) in [("dkim", [rsa]), ("dkim-ed25519", [ed25519]), ("dkim-both", [ed25519, rsa])] {
            SobreBench.report(name, try rate(of: keys), "emails/s")
        }
    }

    private func rate(of keys: [DKIMKey]) throws -> Double {
        let builder = MailBuilder(signer: DKIMSigner(keys: keys))
        let paragraph = "Thank you for your order. We have packed it today, and the carrier fetches it tonight."
        let content = EmailContent(
            from: Mailbox(name: "Shop", address: "hello@shop.example"), subject: "Your order is on its way",
            html: String(repeating: "<p style=\"margin:0 0 12px\">\(paragraph)</p>\n", count: 40),
            text: String(repeating: "\(paragraph)\n\n", count: 40),
            unsubscribeURL: "https://shop.example/u/0123456789abcdef")
        let outbound = OutboundMessage(
            delivery: DeliveryID(rawValue: 1), attempt: 1,
            address: Address(channel: .email, value: "ann@example.org"), content: .email(content), recipient: "ann",
            campaign: "shipped", category: "transactional", possibleDuplicate: false, admittedAt: .epoch,
            timeout: .seconds(10))
        let begun = DecisionBench.processorSeconds()
        var bytes = 0
        for _ in 0..<Self.emails { bytes += try builder.build(content, for: outbound).count }
        let seconds = DecisionBench.processorSeconds() - begun
        precondition(bytes > Self.emails * 1_000)
        return Double(Self.emails) / seconds
    }
}
