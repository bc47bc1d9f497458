extension TestBed {
    /// The secret with which the sandbox signs its receipts.
    public static let receiptSecret = "whsec_dGVzdC1yZWNlaXB0cy1zZWNyZXQtMTIzNA=="

    /// The server's secrets with that of the receipts.
    public static let secretsWithReceipts = secrets.merging(["TEST_RECEIPTS": receiptSecret]) { $1 }

    /// Starts a sandbox that tells what became of its messages to a server that will listen on `port`, and leads the
    /// configuration there. Providers are called as the sandbox calls them: `smtp`, `twilio`, `fcm`.
    ///
    /// - Parameters:
    ///   - plan: what is told, such as `delivered=100%,opened=50%,copies=3`; nil: nothing.
    ///   - faults: how the sandbox misbehaves.
    ///   - capLimit: marketing messages a person and day.
    ///   - resendAfter: before a transactional message of unknown fate goes out once more.
    /// - Returns: the server's port.
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
        let path = "\(folder)/sobre.yaml"
        guard var text = Files.read(path) else { throw Failure("the configuration is not there") }
        let changes = [
            ("server: {port: 0}", "server: {port: \(port)}"),
            ("  relay:\n", "  smtp:\n    receipts: {secret: env:TEST_RECEIPTS}\n"),
            ("  twilio:\n", "  twilio:\n    receipts: {secret: env:TEST_RECEIPTS}\n"),
            ("  fcm:\n", "  fcm:\n    receipts: {secret: env:TEST_RECEIPTS}\n"),
        ]
        for (old, new) in changes {
            let parts = text.split(separator: old, omittingEmptySubsequences: false)
            guard parts.count == 2 else { throw Failure("the configuration has no \(old)") }
            text = parts.joined(separator: new)
        }
        try Files.write(text, to: path)
        return port
    }
}
