import JSON
import Testing
import Text

@testable import RecordFiles

@Suite("Records of CSV as objects") struct CSVTests {
    @Test func `records become objects with their lines kept, and broken ones are named`() throws {
        let text =
            "\u{FEFF}channel,address,reason\r\n\r\nemail,ann@example.com,\r\nsms,'+12025550123,manual\r\n"
            + "\"open,x\r\n1,2,3,4\r\n"
        var csv = CSVLines(maxRecordBytes: 1000)
        let pieces = [csv.block(of: Array(text.utf8)), csv.block(of: nil)]
        let objects = pieces.flatMap { piece in
            piece.lines.map { (line: $0.number, text: String(decoding: piece.lines.bytes[$0.range], as: UTF8.self)) }
        }
        #expect(objects.map(\.line) == [3, 4])
        #expect(objects[0].text == #"{"channel":"email","address":"ann@example.com"}"#)
        #expect(objects[1].text == #"{"channel":"sms","address":"+12025550123","reason":"manual"}"#)
        let broken = pieces.flatMap(\.broken)
        #expect(broken.map(\.line) == [5, 6])
        #expect(broken.map(\.sentence) == ["A quote is not closed.", "The record has more cells than the header."])
        let records = pieces.reduce(into: [:]) { $0.merge($1.records) { first, _ in first } }
        #expect(records == [1: 1, 3: 2, 4: 3, 5: 4, 6: 5])
    }

    @Test func `a line break within quotes belongs to its cell, and later lines keep their numbers`() throws {
        var csv = CSVLines(maxRecordBytes: 1000)
        let block = csv.block(of: Array("a,b\n\"one\ntwo\",x\n3,4\n".utf8))
        let objects = block.lines.map { ($0.number, String(decoding: block.lines.bytes[$0.range], as: UTF8.self)) }
        #expect(objects.map(\.0) == [2, 4])
        #expect(objects.map(\.1) == [#"{"a":"one\ntwo","b":"x"}"#, #"{"a":"3","b":"4"}"#])
        #expect(block.records == [1: 1, 2: 2, 4: 3] && block.broken.isEmpty)
    }
}
