import Foundation
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

@Suite("Receipts from emails that came back")
struct MailReceiptTests {
    private static let delivery = DeliveryID("01jd3v8k6m1r0")!
    private static let now = Instant(rfc3339: "2026-03-02T10:00:00Z")!
    private static let key = "0123456789abcdef0123456789abcdef"

    private static func gate(verp: Bool) throws -> ReceiptGate {
        let instance = ProviderInstance(
            name: "relay", type: "smtp",
            settings: ["host": "127.0.0.1", "return_path": "bounces@sender.example"],
            secrets: verp ? ["verp_key": .environment("KEY")] : [:])
        return try factory(environment: ["KEY": key]).receiptGate(instance)
    }

    private static func bounce(
        to: String = "bounces@sender.example", id: String = "b1", status: String = "5.1.1",
        words: String = "550 5.1.1 user unknown", reference: String = "X-Sobre-Id: 01jd3v8k6m1r0"
    ) -> [UInt8] {
        Array(
            """
            From: MAILER-DAEMON@mta.example
            To: \(to)
            Subject: Undelivered Mail Returned to Sender
            Message-ID: <\(id)@mta.example>
            Content-Type: multipart/report; report-type=delivery-status; boundary=x

            --x
            Content-Type: message/delivery-status

            Reporting-MTA: dns; mta.example

            Final-Recipient: rfc822; ann@dest.example
            Action: failed
            Status: \(status)
            Diagnostic-Code: smtp; \(words)

            --x
            Content-Type: text/rfc822-headers

            Subject: Order 7
            \(reference)

            --x--
            """.utf8)
    }

    private static func read(_ mail: [UInt8], verp: Bool = false) throws -> ReceiptReading {
        let gate = try gate(verp: verp)
        #expect(gate.isNative(contentType: "message/rfc822", hasBody: true, isSigned: false))
        #expect(!gate.isNative(contentType: "application/json", hasBody: true, isSigned: false))
        return try gate.read(
            ReceiptRequest(headers: ["content-type": "message/rfc822"], body: mail), isSigned: false, now: now)
    }

    @Test func `an unknown mailbox is a hard bounce of the message that is returned, without its address`() throws {
        let receipt = try #require(try Self.read(Self.bounce()).receipts.first)
        #expect(receipt.kind == .bouncedHard)
        #expect(receipt.delivery == Self.delivery)
        #expect(receipt.provider == "relay")
        #expect(receipt.at == Self.now)
        #expect(receipt.detail == "5.1.1 550 5.1.1 user unknown")
        let named = try #require(
            try Self.read(Self.bounce(words: "550 <ann@dest.example>: User unknown")).receipts.first)
        #expect(!named.detail.contains("ann"))
    }

    @Test func `the same email twice is one event, and another email another`() throws {
        let first = try #require(try Self.read(Self.bounce()).receipts.first?.eventID)
        #expect(try Self.read(Array("Received: again\n".utf8) + Self.bounce()).receipts.first?.eventID == first)
        #expect(try Self.read(Self.bounce(id: "b2")).receipts.first?.eventID != first)
    }

    @Test func `a full mailbox and a refusal of us are soft bounces`() throws {
        for (status, words) in [
            ("5.2.2", "552 5.2.2 mailbox full"), ("5.7.1", "554 5.7.1 Client host blocked using bl.example.net"),
            ("5.0.0", "550 Rejected"),
        ] {
            #expect(
                try Self.read(Self.bounce(status: status, words: words)).receipts.map(\.kind) == [.bouncedSoft],
                "\(words)")
        }
    }

    @Test func `the token of the return path names the message, even if the email returns nothing`() throws {
        let path = ReturnPath(address: "bounces@sender.example", keys: [Array(Self.key.utf8)])
        let mail = Self.bounce(to: path.sender(for: Self.delivery), reference: "X-Other: 1")
        #expect(try Self.read(mail, verp: true).receipts.map(\.delivery) == [Self.delivery])
        #expect(try Self.read(mail, verp: true).receipts.map(\.kind) == [.bouncedHard])
        // Without the key, the token means nothing.
        #expect(try Self.read(mail).refusals.map(\.code) == [.noReference])
    }

    @Test func `with tokens, a bounce without one suppresses nothing and a forged one is refused`() throws {
        #expect(try Self.read(Self.bounce(), verp: true).receipts.map(\.kind) == [.bouncedSoft])
        let other = ReturnPath(address: "bounces@sender.example", keys: [Array("another key of 128 bits".utf8)])
        let forged = try Self.read(Self.bounce(to: other.sender(for: Self.delivery)), verp: true)
        #expect(forged.receipts.isEmpty)
        #expect(forged.refusals.map(\.code) == [.signature])
        #expect(forged.unread == nil)
    }

    @Test func `an answer of a person or a machine is kept for somebody to read`() throws {
        let question = try Self.read(
            Array("From: Ann <ann@dest.example>\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\n\nPlease stop\nthis.\n".utf8))
        #expect(question.receipts.isEmpty)
        #expect(question.refusals.map(\.code) == [.noReport])
        #expect(question.unread == UnreadMail(sender: "ann@dest.example", words: "Grüße · Please stop this."))
        let away = try Self.read(
            Array("From: ann@dest.example\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nAway.\n".utf8))
        #expect(away.refusals.map(\.code) == [.autoReply])
        #expect(away.unread?.sender == "ann@dest.example")
        let nobody = try Self.read(Self.bounce(reference: "X-Other: 1"))
        #expect(nobody.refusals.map(\.code) == [.noReference])
        #expect(nobody.unread != nil)
    }

    @Test func `a complaint and an opt-out are told apart, and a delay asks for nothing`() throws {
        func feedback(_ type: String) -> [UInt8] {
            Array(
                """
                From: fbl@isp.example
                Content-Type: multipart/report; report-type=feedback-report; boundary=x

                --x
                Content-Type: message/feedback-report

                Feedback-Type: \(type)
                User-Agent: t/1
                Version: 1

                --x
                Content-Type: message/rfc822

                To: ann@dest.example
                Message-ID: <01jd3v8k6m1r0@sender.example>

                Hello
                --x--
                """.utf8)
        }
        #expect(try Self.read(feedback("abuse"), verp: true).receipts.map(\.kind) == [.complained])
        #expect(try Self.read(feedback("opt-out")).receipts.map(\.kind) == [.unsubscribed])
        #expect(try Self.read(feedback("not-spam")).receipts.isEmpty)
        let delayed = Self.bounce(status: "4.4.1", words: "connection refused")
        let text = String(decoding: delayed, as: UTF8.self).replacing("Action: failed", with: "Action: delayed")
        let reading = try Self.read(Array(text.utf8))
        #expect(reading.receipts.isEmpty && reading.refusals.isEmpty)
    }

    @Test func `an mbox is split at its separators, and each email is cut at the bound`() {
        func split(_ text: String, atMost maxBytes: Int = 1_000, chunk: Int = 7) -> [String] {
            var splitter = MailboxSplitter(maxBytes: maxBytes)
            var found: [[UInt8]] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: chunk) {
                found += splitter.add(bytes[start..<min(start + chunk, bytes.count)])
            }
            if let last = splitter.finish() { found.append(last) }
            return found.map { String(decoding: $0, as: UTF8.self) }
        }
        let line = "From a@example.com Thu Jan  1 00:00:00 1998\n"
        #expect(split("\(line)A: 1\n\nx\n\n\(line)B: 2\n\ny\n") == ["A: 1\n\nx\n\n", "B: 2\n\ny\n"])
        #expect(split("A: 1\n\nx\n\n\(line)y\n") == ["A: 1\n\nx\n\n\(line)y\n"])
        #expect(split("\(line)A: 1\n\nFrom now on\n\nFrom here\nz\n") == ["A: 1\n\nFrom now on\n\nFrom here\nz\n"])
        #expect(split("\(line)A: 1\n\nx\n\(line)y\n") == ["A: 1\n\nx\n\(line)y\n"])
        #expect(
            split("\(line)\(String(repeating: "a", count: 5_000))\n\n\(line)b\n", atMost: 10) == ["aaaaaaaaaa", "b\n"])
        #expect(split("") == [])
        #expect(split(line) == [])
    }
}
