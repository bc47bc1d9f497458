import JSON
import SobreModel
import TestBed
import Testing

/// A contact through an address counts for each profile that holds the address when it is sent, and a send is judged by
/// the caps of all who hold the address.
@Suite("Two profiles, one mailbox", .serialized)
struct SharedAddressTests {
    private static let policy = """
        caps: [{name: three, applies_to: {category: marketing}, limit: 3, window: 7d, on_cap: drop}]
        """

    @Test("Three SMS to A, then a mail to B, in this order and in the other: the fourth is dropped")
    func eitherOrder() async throws {
        let bench = try CaseBench("shared", policy: Self.policy)
        try bench.start()
        // 0 and 1 share a mailbox, and so do 5 and 6.
        try await bench.bed.putProfiles(count: 10, mailboxes: .pairs)
        try await bench.send((0..<3).map { CaseBench.offer("sms-0-\($0)", to: 0, channel: "sms") })
        try await bench.settle()
        let asked = try await bench.decide(
            #""recipient":"\#(TestBed.person(1))","template":"offer","category":"marketing","channels":["email"]"#)
        #expect(asked["verdict"]?.string == "drop")
        #expect(asked["summary"]?.string?.hasPrefix("three 3/3 of another profile that holds this address") == true)
        try await bench.send([CaseBench.offer("mail-1", to: 1), CaseBench.offer("sms-1", to: 1, channel: "sms")])
        try await bench.settle()
        let mail = try await bench.last("mail-1")
        #expect(mail.state == .dropped && mail.reason == "frequency_capped")
        #expect(mail.detail.hasPrefix("three 3/3 of another profile that holds this address"))
        let text = String(decoding: mail.explanation ?? [], as: UTF8.self)
        #expect(!text.contains(TestBed.person(0) + "\""))
        #expect(try await bench.last("sms-1").state == .sent)

        try await bench.send([CaseBench.offer("mail-6", to: 6)])
        try await bench.settle()
        for number in 0..<3 {
            try await bench.send([CaseBench.offer("sms-5-\(number)", to: 5, channel: "sms")])
            try await bench.settle()
        }
        #expect(try await bench.last("mail-6").state == .sent)
        #expect(try await bench.last("sms-5-1").state == .sent)
        let late = try await bench.last("sms-5-2")
        #expect(late.state == .dropped && late.detail.hasPrefix("three 3/3, next slot"))
        #expect(try bench.accepted().count == 7)
    }

    @Test("Mails at once to two who share a mailbox never exceed the cap of either")
    func atOnce() async throws {
        let bench = try CaseBench(
            "shared-race", policy: Self.policy, faults: "latency=0ms..20ms", dispatch: "workers: 8")
        try bench.start()
        try await bench.bed.putProfiles(count: 2, mailboxes: .pairs)
        try await bench.send(
            (0..<8).map { part in
                (0..<10).map { CaseBench.offer("\(part)-\($0)", to: part % 2) }
            })
        try await bench.settle()
        #expect(try bench.accepted().count == 3)
        #expect(try await bench.bed.totals()[.dropped] == 77)
    }
}
