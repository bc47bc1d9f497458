import Files
import JSON
import SobreModel
import Testing

@testable import SobreDemo

@Suite("The demonstration's journey engine") struct DemoTests {
    private static let day: Int64 = 86_400

    @Test func `purchases are read in order of time`() throws {
        let purchases = try Purchase.read("# id, purchases\n00021 970113:1:1177 970101:3:6334\n\n00004 970102:2:2933\n")
        #expect(purchases.map(\.orderID) == ["00021-2", "00004-1", "00021-1"])
        #expect(purchases.map(\.cents) == [6334, 2933, 1177])
        for purchase in purchases {
            let hour = purchase.at.milliseconds / 3_600_000 % 24
            #expect((9..<21).contains(hour))
        }
        #expect(purchases[0].at.rfc3339.hasPrefix("1997-01-01T"))
    }

    @Test func `CDNOW's master file and its sample give the same purchases as our own form`() throws {
        let own = try Purchase.read("00004 970101:2:2933 970118:2:2973 970802:1:1496\n")
        let sample = """
             00004 0001 19970101  2   29.33
             00004 0001 19970118  2   29.73
             00004 0001 19970802  1   14.96

            """
        #expect(try Purchase.read(sample) == own)
        let master = " 00004 19970101  2   29.33\r\n 00004 19970118  2   29.73\r\n 00004 19970802  1   14.96\r\n"
        #expect(try Purchase.read(master) == own)
    }

    @Test(arguments: [
        "00004 19970101 2", "00004 19970230 2 29.33", "00004 19970101 2 29.333", "00004 x 2 29.33",
        "00004 0001 19970101 -2 29.33", "1 2 3 4 5 6",
    ])
    func `a line of CDNOW's that is none is refused with its number`(line: String) {
        let error = #expect(throws: PurchaseFileError.self) { try Purchase.read("\(line)\n") }
        #expect(error?.description.hasPrefix("purchases, line 1: ") == true)
    }

    @Test func `a send that is written down says when`() throws {
        let at = try #require(Instant(rfc3339: "1997-01-01T12:00:00Z"))
        let send = try #require(
            Journey.sends(for: [Purchase(customer: "7", number: 1, at: at, cds: 2, cents: 1999)]).first)
        let document = try JSONDocument.parse(send.timedLine)
        #expect(document.root["send_at"]?.string == "1997-01-01T12:00:00Z")
        #expect(document.root["recipient"]?.string == "cdnow-7")
    }

    @Test func `the same file gives the same purchases`() throws {
        let text = try TextFile.readText(FilePath.resolve("../../..", from: #filePath) + "/Config/demo/purchases.txt")
        let purchases = try Purchase.read(text)
        #expect(purchases.count > 1000)
        #expect(try Purchase.read(text) == purchases)
        #expect(Set(purchases.map(\.orderID)).count == purchases.count)
    }

    @Test(arguments: ["1 970101:1", "1 1997-01-01:1:1", "1 970101:x:1", "1 991231:1:1", "1 970101:1:1:1"])
    func `what is no purchase is refused with its line`(line: String) {
        let error = #expect(throws: PurchaseFileError.self) { try Purchase.read("# comment\n\(line)\n") }
        #expect(error?.description.hasPrefix("purchases, line 2: ") == true)
    }

    @Test func `each purchase asks for four sends, and a long silence for one more`() throws {
        let at = try #require(Instant(rfc3339: "1997-01-01T12:00:00Z"))
        func purchase(_ number: Int, day: Int64) -> Purchase {
            Purchase(customer: "7", number: number, at: at + .seconds(day * Self.day), cds: 2, cents: 1999)
        }
        // The second purchase is within 60 days of the first. No purchase follows the second.
        let sends = Journey.sends(for: [purchase(1, day: 0), purchase(2, day: 30)])
        #expect(sends.count == 9)
        #expect(sends.map(\.at) == sends.map(\.at).sorted())
        #expect(sends.count { $0.campaign == "win-back" } == 1)
        #expect(sends.last?.campaign == "win-back" && sends.last?.at == at + .seconds(90 * Self.day))
        #expect(sends.filter { $0.campaign == "cross-sell" }.map(\.deliveries) == [2, 2])
        let keys = try sends.map { try #require(try JSONDocument.parse($0.line).root["idempotency_key"]?.string) }
        #expect(Set(keys).count == 9)
    }

    @Test func `a send is a line that the API takes`() throws {
        let at = try #require(Instant(rfc3339: "1997-01-01T12:00:00Z"))
        let sends = Journey.sends(for: [Purchase(customer: "7", number: 1, at: at, cds: 2, cents: 1999)])
        let first = try #require(sends.first)
        #expect(first.campaign == "order-confirmed" && first.at == at)
        let document = try JSONDocument.parse(first.line)
        #expect(document.root["recipient"]?.string == "cdnow-7")
        #expect(document.root["category"]?.string == "transactional")
        #expect(document.root["dedup_key"]?.string == "7-1")
        #expect(document.root["expires_at"]?.string == "1997-01-08T12:00:00Z")
        #expect(!first.line.contains(0x0A))
    }

    @Test func `contacts are counted by person and week`() throws {
        let monday = try #require(Instant(rfc3339: "1997-01-06T12:00:00Z"))
        var histogram = WeeklyHistogram()
        histogram.add(person: "a", at: monday)
        histogram.add(person: "a", at: monday + .seconds(Self.day), count: 4)
        histogram.add(person: "a", at: monday + .seconds(7 * Self.day))
        histogram.add(person: "b", at: monday, count: 2)
        #expect(histogram.counts(buckets: 3) == [1, 1, 1])
        #expect(histogram.most == 5)
        #expect(WeeklyHistogram().most == 0)
    }
}
