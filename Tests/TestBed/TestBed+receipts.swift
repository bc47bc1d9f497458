import Signing
import Text

extension TestBed {
    /// The secret that signs the sandbox's receipts.
    public static let receiptSecret = "whsec_dGVzdC1yZWNlaXB0cy1zZWNyZXQtMTIzNA=="

    /// The server's credentials with the secret for receipts.
    public static let secretsWithReceipts = secrets.merging(["TEST_RECEIPTS": receiptSecret]) { $1 }

    /// Starts a sandbox that sends receipts to a server that will listen on the returned port, and writes the
    /// configuration for it. The providers have the names that the sandbox uses: `smtp`, `twilio`, `fcm`.
    ///
    /// - Parameters:
    ///   - plan: Which receipts are sent, such as `delivered=100%,opened=50%,copies=3`. Nil sends none.
    ///   - faults: The sandbox's fault plan.
    ///   - capLimit: The number of marketing messages per recipient and day.
    ///   - resendAfter: How long to wait before a transactional message with an unknown outcome is sent again.
    /// - Returns: The server's port.
    /// - Throws: ``Failure`` when the sandbox does not start or a file cannot be written.
    @discardableResult
    public func prepareReceipts(
        _ plan: String?, faults: String? = nil, capLimit: Int = 100, resendAfter: String = "1s"
    ) throws -> Int {
        let port = try Ports.free()
        var arguments: [String] = []
        if let plan {
            arguments = [
                "--receipts", plan, "--receipts-url", "http://127.0.0.1:\(port)/v1/receipts/{provider}",
                "--receipts-secret", Self.receiptSecret,
            ]
        }
        try startSandbox(faults: faults, more: arguments)
        try writeConfiguration(capLimit: capLimit, capWindow: "1d", resendAfter: resendAfter)
        try changeSettings([
            ("server: {port: 0}", "server: {port: \(port)}"),
            ("  relay:\n", "  smtp:\n    receipts: {secret: env:TEST_RECEIPTS}\n"),
            ("  twilio:\n", "  twilio:\n    receipts: {secret: env:TEST_RECEIPTS}\n"),
            ("  fcm:\n", "  fcm:\n    receipts: {secret: env:TEST_RECEIPTS}\n"),
        ])
        return port
    }
}

extension TestBed {
    /// The header with which Meta signs the body of a webhook.
    ///
    /// - Parameters:
    ///   - body: The body.
    ///   - secret: The app's secret.
    /// - Returns: The header's name and value.
    public static func metaSignature(of body: [UInt8], secret: String) -> (name: String, value: String) {
        ("X-Hub-Signature-256", "sha256=\(Hex.encode(HMAC.sha256(body, key: Array(secret.utf8))))")
    }
}
