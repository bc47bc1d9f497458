import Foundation
import SobreModel
import Testing

@testable import SobreProviders

/// Emails that came back, with what each means: bounces of Postfix, Exim and OpenSMTPD (made by `Tests/BounceCorpus/provoke`),
/// and forms of other servers and of complaints in words of our own.
///
/// Each begins with `X-Expect: KIND [hard|soft|- [ADDRESSES]]`.
@Suite("Emails that came back")
struct BounceCorpusTests {
    private struct Sample {
        var file: String
        var number: Int
        var kind: String
        var bounces: [String]
        var addresses: [String]
        var mail: [UInt8]
    }

    private static func samples(_ name: String) throws -> [Sample] {
        let path = sourceRoot.appending(path: "Tests/BounceCorpus/\(name).mbox")
        var splitter = MailboxSplitter(maxBytes: 256 << 10)
        var mails = splitter.add(try Data(contentsOf: path))
        if let last = splitter.finish() { mails.append(last) }
        return try mails.enumerated().map { number, mail in
            let end = try #require(mail.firstIndex(of: 0x0a))
            let words = String(decoding: mail[..<end], as: UTF8.self).split(separator: " ").map(String.init)
            try #require(words.first == "X-Expect:")
            return Sample(
                file: name, number: number + 1, kind: words[1],
                bounces: words.count > 2 ? words[2].split(separator: ",").map(String.init) : [],
                addresses: words.count > 3 ? words[3].split(separator: ",").map(String.init) : [],
                mail: Array(mail[(end + 1)...]))
        }
    }

    /// What is wrong with the reading of a sample; nil: nothing.
    private static func fault(_ sample: Sample, _ mail: [UInt8]) -> String? {
        let report = MailReportReader().read(mail)
        let bounces = report.recipients.map { $0.isGone ? "hard" : "soft" }
        let addresses = report.recipients.compactMap(\.address)
        let isRight =
            report.kind.rawValue == sample.kind && (sample.addresses.isEmpty || addresses == sample.addresses)
            && (sample.kind != "bounce" || bounces == sample.bounces)
        if isRight { return nil }
        let subject = report.subject
        return """
            \(sample.file)#\(sample.number) (\(subject)): expected \(sample.kind) \(sample.bounces) \(sample.addresses), read \
            \(report.kind.rawValue) \(bounces) \(addresses): \(report.recipients.map { "\($0.verdict): \($0.reason)" })
            """
    }

    @Test(arguments: [("postfix", 12), ("exim", 12), ("opensmtpd", 12), ("forms", 95)])
    func `every email of the corpus is read right, whatever its line ends`(file: String, count: Int) throws {
        let samples = try Self.samples(file)
        #expect(samples.count == count)
        for sample in samples {
            for lineEnd in ["\n", "\r\n", "\r"] {
                let mail = Array(String(decoding: sample.mail, as: UTF8.self).replacing("\n", with: lineEnd).utf8)
                let fault = Self.fault(sample, mail)
                #expect(fault == nil, "\(fault ?? "")")
            }
        }
    }

    @Test(arguments: ["postfix", "exim", "opensmtpd"])
    func `every provoked bounce names its message`(file: String) throws {
        for sample in try Self.samples(file) {
            #expect(MailReportReader().read(sample.mail).reference == DeliveryID("01jd3v8k6m1r0"), "\(sample.number)")
        }
    }

    @Test(arguments: ["postfix", "exim", "opensmtpd", "forms"])
    func `an email that is cut anywhere is read to its end without a fault`(file: String) throws {
        for sample in try Self.samples(file) {
            for length in stride(from: 0, to: sample.mail.count, by: 97) {
                let report = MailReportReader().read(Array(sample.mail.prefix(length)))
                // What is cut must not turn one kind of mailbox into another.
                if sample.bounces == ["soft"] {
                    let isGone = report.recipients.contains { $0.isGone }
                    #expect(!isGone, "\(sample.number)")
                }
            }
        }
    }

    @Test func `a deeply nested email and one of many parts are bounded`() {
        var mail = Array("Content-Type: message/rfc822\n\n".utf8)
        for _ in 0..<12 { mail += mail }
        #expect(MailReportReader().read(mail).kind == .other)
        var parts = Array("Content-Type: multipart/mixed; boundary=x\n\n".utf8)
        for _ in 0..<20_000 { parts += Array("--x\n\na\n".utf8) }
        #expect(MailReportReader().read(parts).kind == .other)
        #expect(MailReportReader().read([]).kind == .other)
        #expect(MailReportReader().read(Array(repeating: 0xff, count: 100_000)).kind == .other)
    }
}
