import Foundation
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

@Suite("Signed emails")
struct DKIMMailTests {
    /// The Ed25519 key of RFC 8463 Appendix A.
    private static let seed = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
    private static let edRecord = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="

    /// A provider with an RSA and an Ed25519 key of example.com, and an Ed25519 key of a domain below it.
    private static func provider(rsa: String, settings: [String: String] = [:]) throws -> SMTPProvider {
        let instance = ProviderInstance(
            name: "relay", type: "smtp",
            settings: ["host": "127.0.0.1", "security": "none"].merging(settings) { $1 },
            secrets: [
                "rsa1._domainkey.example.com": .file("/rsa"), "ed1._domainkey.example.com": .environment("SEED"),
                "n1._domainkey.news.example.com": .environment("SEED"),
            ])
        let made = try factory(environment: ["SEED": seed], files: ["/rsa": rsa]).make(instance).provider
        return try #require(made as? SMTPProvider)
    }

    private static func content(from address: String) -> EmailContent {
        EmailContent(
            from: Mailbox(name: "Käthe & Co", address: address),
            subject: "Ünïcode subject, long enough to be folded twice",
            html: "<p>Grüße  aus   Köln</p>\n\n", text: "Grüße \n  aus\tKöln   \n.\n\n\n",
            headers: [.init(name: "List-Id", value: "<news.example.com>")],
            attachments: [.init(filename: "ü.bin", contentType: "application/octet-stream", content: Array(0...255))],
            unsubscribeURL: "https://shop.example.com/u/abc")
    }

    private static func records(rsa: String) throws -> [String: String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "key.pem")
        try rsa.write(to: path, atomically: true, encoding: .utf8)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl", "pkey", "-in", path.path, "-pubout"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let pem = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let base64 = pem.split(separator: "\n").filter { !$0.hasPrefix("-") }.joined()
        return [
            "rsa1._domainkey.example.com": "v=DKIM1; k=rsa; p=\(base64)", "ed1._domainkey.example.com": edRecord,
            "n1._domainkey.news.example.com": edRecord,
        ]
    }

    @Test(
        .enabled(if: PythonDKIM.isInstalled, "Skipped: dkimpy is not installed (pip install dkimpy pynacl)."))
    func `dkimpy accepts each signature and refuses it after a change`() throws {
        let rsa = try PrivateKey.generateRSA()
        let provider = try Self.provider(rsa: rsa)
        let records = try Self.records(rsa: rsa)
        func sent(_ content: EmailContent) throws -> [UInt8] {
            let transport = FakeTransport()
            _ = send(provider, outbound(.email(content), to: "ann@example.org"), over: transport)
            return try #require(transport.mails.first).data
        }
        let mail = try sent(Self.content(from: "shop@example.com"))
        let news = try sent(Self.content(from: "letter@de.news.example.com"))
        let other = try sent(Self.content(from: "shop@example.net"))
        var changed: [(name: String, mail: [UInt8])] = []
        func change(_ name: String, _ old: String, _ new: String) throws {
            let text = String(decoding: mail, as: UTF8.self)
            try #require(text.contains(old), "\(name)")
            changed.append((name, Array(text.replacing(old, with: new).utf8)))
        }
        try change("a byte of the body", "K=C3=B6ln", "K=C3=B7ln")
        try change("a byte of an attachment", "AAECAwQF", "AAECAwQG")
        try change("the link to unsubscribe", "/u/abc>", "/u/abd>")
        try change("one-click", "List-Unsubscribe=One-Click", "List-Unsubscribe=Two-Click")
        try change("the sender", "<shop@example.com>", "<shot@example.com>")
        try change("a second sender", "\r\nFrom:", "\r\nFrom: evil@example.com\r\nFrom:")
        try change("a second subject", "\r\nMIME-Version:", "\r\nSubject: Buy\r\nMIME-Version:")
        try change("a Cc", "\r\nMIME-Version:", "\r\nCc: eve@example.org\r\nMIME-Version:")
        try change("the date", " 09:08:07 ", " 09:08:08 ")
        try change("the time of signing", "t=1772356087", "t=1772356088")
        // White space is no part of the relaxed form.
        let spaced = String(decoding: mail, as: UTF8.self).replacing("\r\nTo: ", with: "\r\nTO:   ")
        let cases = [mail, news, other, Array(spaced.utf8)] + changed.map(\.mail)
        let verdicts = try PythonDKIM.verify(cases.map { PythonDKIM.Case($0, records: records) })
        #expect(verdicts[0] == [true, true])
        #expect(verdicts[1] == [true])
        #expect(verdicts[2] == [])
        #expect(verdicts[3] == [true, true])
        for (index, change) in changed.enumerated() {
            #expect(verdicts[4 + index] == [false, false], "\(change.name)")
        }
    }

    @Test func `every attempt has the same signatures, above the header`() throws {
        let rsa = try PrivateKey.generateRSA()
        let provider = try Self.provider(rsa: rsa)
        var message = outbound(.email(Self.content(from: "shop@example.com")), to: "ann@example.org")
        let transport = FakeTransport()
        _ = send(provider, message, over: transport)
        message.attempt = 3
        _ = send(provider, message, over: transport)
        let mails = transport.mails.map { String(decoding: $0.data, as: UTF8.self) }
        #expect(mails[0] == mails[1])
        let fields = mails[0].prefix { _ in true }.split(separator: "\r\n").filter { !$0.hasPrefix(" ") }.prefix(3)
        #expect(fields.map { $0.prefix(15) } == ["DKIM-Signature:", "DKIM-Signature:", "Date: Sun, 01 M"])
        #expect(fields[0].contains("a=ed25519-sha256") && fields[1].contains("a=rsa-sha256"))
    }

    static let faults: [(secrets: [String: SecretReference], words: String)] = [
        (["a._domainkey.": .environment("SEED")], "SELECTOR._domainkey.DOMAIN"),
        (["._domainkey.example.com": .environment("SEED")], "SELECTOR._domainkey.DOMAIN"),
        (["a._domainkey.exa mple.com": .environment("SEED")], "SELECTOR._domainkey.DOMAIN"),
        (["a._domainkey.example.com": .environment("NOPE")], "NOPE is not set"),
        (["a._domainkey.example.com": .environment("WORD")], "an Ed25519 private key has 32 bytes, not 6."),
        (["a_domainkey.example.com": .environment("SEED")], "no setting or secret named a_domainkey.example.com"),
        (
            Dictionary(
                uniqueKeysWithValues: (1...5).map { ("k\($0)._domainkey.example.com", .environment("SEED")) }),
            "more than 4 keys"
        ),
    ]

    @Test(arguments: faults)
    func `a key that cannot be used is named, and not shown`(
        fault: (secrets: [String: SecretReference], words: String)
    ) throws {
        let instance = ProviderInstance(
            name: "relay", type: "smtp", settings: ["host": "127.0.0.1"], secrets: fault.secrets)
        let factory = try factory(environment: ["SEED": Self.seed, "WORD": "hunter22"])
        let error = #expect(throws: ProviderError.self) { try factory.make(instance) }
        #expect(error?.description.contains(fault.words) == true, "\(error?.description ?? "")")
        #expect(error?.description.contains("hunter2") == false)
    }
}
