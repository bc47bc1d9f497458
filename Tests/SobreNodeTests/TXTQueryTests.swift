import Testing

@testable import SobreNode

@Suite("Answers of DNS servers") struct TXTQueryTests {
    private static let query = TXTQuery("_dmarc.Shop.example", id: 0x1234)!

    /// An answer with one record, as the RFC draws it.
    private static func answer(_ data: [UInt8], type: UInt8 = 16) -> [UInt8] {
        let question = Array(query.bytes[12..<(query.bytes.count - 11)])
        return [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0] + question
            + [0xC0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
    }

    @Test func `a question has the name, the type and the size that is taken`() {
        let name: [UInt8] = [6] + "_dmarc".utf8 + [4] + "Shop".utf8 + [7] + "example".utf8 + [0]
        #expect(
            Self.query.bytes == [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1] + name + [0, 16, 0, 1]
                + [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0])
        for name in ["", ".", "a..b", String(repeating: "a", count: 64), "a b.example", "bücher.example"] {
            #expect(TXTQuery(name, id: 1) == nil, "\(name)")
        }
        #expect(TXTQuery(Array(repeating: "abcdefg", count: 32).joined(separator: "."), id: 1) == nil)
    }

    @Test func `the strings of a record are joined, and other records passed over`() {
        #expect(Self.query.answer(in: Self.answer([2, 65, 66, 0, 1, 67])) == .records(["ABC"]))
        #expect(Self.query.answer(in: Self.answer([1, 65], type: 5)) == .records([]))
        var other = Self.answer([1, 65])
        // A name is the same in other letters.
        other[14] = UInt8(ascii: "D")
        #expect(Self.query.answer(in: other) == .records(["A"]))
    }

    @Test func `an answer to something else is none`() {
        let right = Self.answer([1, 65])
        for (place, value) in [(1, UInt8(0x35)), (2, 0x01), (5, 2), (13, UInt8(ascii: "x"))] {
            var packet = right
            packet[place] = value
            #expect(Self.query.answer(in: packet) == nil, "\(place)")
        }
        #expect(Self.query.answer(in: []) == nil)
    }

    @Test func `a status is told apart`() {
        var packet = Self.answer([1, 65])
        packet[3] = 0x83
        #expect(Self.query.answer(in: packet) == .noName)
        packet[3] = 0x82
        #expect(Self.query.answer(in: packet) == .failed("SERVFAIL"))
        packet[2] = 0x83
        #expect(Self.query.answer(in: packet) == .truncated)
    }

    @Test func `no packet is read beyond its end`() {
        let right = Self.answer([2, 65, 66, 3, 67, 68, 69])
        for count in 0..<right.count {
            let answer = Self.query.answer(in: Array(right[..<count]))
            #expect(answer == nil || answer == .failed("broken"), "\(count)")
        }
        // Every byte with every value: whatever comes out, it comes out.
        for place in 12..<right.count {
            for value in UInt8.min...UInt8.max {
                var packet = right
                packet[place] = value
                _ = Self.query.answer(in: packet)
            }
        }
    }

    @Test(
        arguments: [
            ("9.9.9.9", "9.9.9.9"), ("127.0.0.1:5353", "127.0.0.1:5353"), ("2620:fe::fe", "[2620:fe::fe]"),
            ("[::1]:5353", "[::1]:5353"), ("[::1]", "[::1]"), ("dns.example", nil), ("1.2.3", nil), ("1.2.3.4:", nil),
            ("1.2.3.4:0", nil), ("1.2.3.4:99999", nil), ("[::1]5353", nil), ("", nil),
        ] as [(String, String?)])
    func `a server is an address with or without a port`(text: String, shown: String?) {
        #expect(TXTResolver.Server(text)?.description == shown)
    }
}
