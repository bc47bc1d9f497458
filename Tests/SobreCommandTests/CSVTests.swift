import JSON
import Testing

@testable import sobre

@Suite("Comma-separated values") struct CSVTests {
    @Test(arguments: [
        "plain", "", "a,b", "say \"no\"", "=1+1", "+12025550123", "-5", "@here", "\ttab", "'quoted", "é", "'=x",
    ])
    func `a cell comes back as it was written, and none begins like a formula`(text: String) {
        let line = CSV.line([text, "end"])
        #expect(CSV.cells(Array(line.utf8)[...]) == [text, "end"])
        let first = line.first { $0 != "\"" }
        #expect(first.map { !"=+-@\t".contains($0) } ?? true)
    }

    @Test func `records become objects with their lines kept, and broken ones stay broken`() throws {
        let text =
            "\u{FEFF}channel,address,reason\r\n\r\nemail,ann@example.com,\r\nsms,'+12025550123,manual\r\n"
            + "\"open,x\r\n1,2,3,4\r\n"
        var csv = CSVLines()
        let lines = csv.objects(of: NDJSONLines(Array(text.utf8)))
        let objects = lines.map { (line: $0.number, text: String(decoding: lines.bytes[$0.range], as: UTF8.self)) }
        #expect(objects.map(\.line) == [3, 4, 5, 6])
        #expect(objects[0].text == #"{"channel":"email","address":"ann@example.com"}"#)
        #expect(objects[1].text == #"{"channel":"sms","address":"+12025550123","reason":"manual"}"#)
        #expect(objects[2].text == "\"not a record of CSV\"")
        #expect(objects[3].text == "\"more cells than the head has\"")
    }
}
