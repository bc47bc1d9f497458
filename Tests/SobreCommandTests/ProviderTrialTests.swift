import JSON
import TestBed
import Testing

@Suite("sobre providers test") struct ProviderTrialTests {
    private static let number = "+12025550123"

    /// A sandbox, and settings whose providers lead to it. FCM's account is not set.
    private static func bed() throws -> TestBed {
        let bed = try TestBed.built("trial")
        try bed.startSandbox()
        try bed.writeConfiguration(policy: "")
        return bed
    }

    private static func trial(_ bed: TestBed, _ words: [String]) throws -> (code: Int32, output: String) {
        try bed.run(
            ["providers", "test"] + words + ["--config", "\(bed.folder)/sobre.yaml"],
            environment: ["TEST_TWILIO_SID": "AC1", "TEST_TWILIO_TOKEN": "t0ken-of-twilio"])
    }

    @Test func `One real message is sent, and the answer is shown`() async throws {
        let bed = try Self.bed()
        let (code, output) = try Self.trial(bed, ["twilio", "--to", Self.number])
        #expect(code == 0 && output.hasPrefix("accepted  twilio, in "), "\(output)")
        #expect(output.contains("  provider's id  ") && output.contains("  our reference  "), "\(output)")
        let json = try Self.trial(bed, ["twilio", "--to", Self.number, "--format", "json"])
        let root = try JSONDocument.parse(json.output).root
        #expect(json.code == 0 && root["outcome"]?.string == "accepted" && root["reference"]?.string?.count == 13)
        func sent() -> Int { (Files.read(bed.recordFile) ?? "").split(separator: "\n").count }
        let deadline = ContinuousClock.now + .seconds(5)
        while sent() < 2, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        #expect(sent() == 2)
        #expect(Files.read(bed.recordFile)?.contains(Self.number) == true)
    }

    @Test(arguments: [
        (["twillio", "--to", number], "No provider twillio is set up. Use one of relay, twilio, fcm."),
        (["fcm", "--to", "token"], "TEST_FCM_ACCOUNT"), (["relay", "--to", "ann@example.org"], "set sender.email"),
    ])
    func `What cannot be sent says why`(words: [String], sentence: String) throws {
        let (code, output) = try Self.trial(try Self.bed(), words)
        #expect(code != 0)
        #expect(output.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(sentence), "\(output)")
        #expect(!output.contains("t0ken-of-twilio"))
    }
}
