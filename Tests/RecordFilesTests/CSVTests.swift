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
        #expect(objects.map(\.1) == [#"{"a":"one two","b":"x"}"#, #"{"a":"3","b":"4"}"#])
        #expect(block.records == [1: 1, 2: 2, 4: 3] && block.broken.isEmpty)
    }

    private static func objects(_ text: String, columns: [String]) -> (texts: [String], block: CSVLines.Block) {
        var csv = CSVLines(maxRecordBytes: 1000, columns: columns)
        var block = csv.block(of: Array(text.utf8))
        let last = csv.block(of: nil)
        let texts = [block, last].flatMap { block in
            block.lines.map { String(decoding: block.lines.bytes[$0.range], as: UTF8.self) }
        }
        block.broken += last.broken
        return (texts, block)
    }

    @Test(arguments: [
        "channel,address,reason\nemail,a@b.example,manual\n", "channel;address;reason\nemail;a@b.example;manual\n",
        "Channel\tADDRESS\t reason \r\nemail\ta@b.example\tmanual\t\t\r\n",
        "\u{FEFF}\"channel\",address,reason\remail,a@b.example,manual\r",
        "channel,address,reason,,\nemail,a@b.example,manual,,,\n",
    ])
    func `files of other programs are understood`(text: String) {
        let (texts, block) = Self.objects(text, columns: ["channel", "address", "reason"])
        #expect(texts == [#"{"channel":"email","address":"a@b.example","reason":"manual"}"#])
        #expect(block.fault == nil && block.broken.isEmpty)
    }

    @Test(arguments: [
        ("chanel,address\n", "Column 1 is called \"chanel\", which is not a column here. Did you mean \"channel\"?"),
        ("address,address\n", "Two columns are called \"address\""), (",,\n", "names no column"),
        ("email|a@b.example\n", "Column 1 is called \"email|a@b.example\""),
    ])
    func `columns that cannot be read are named once, for the whole file`(text: String, words: String) {
        let block = Self.objects(text + "x,y\n", columns: ["channel", "address"]).block
        #expect(
            block.fault?.line == 1 && block.fault?.sentence.contains(words) == true, "\(block.fault?.sentence ?? "")")
    }

    @Test func `a cell under no name is named by its column`() {
        let block = Self.objects("channel,,address\nemail,x,a@b.example\n", columns: ["channel", "address"]).block
        #expect(block.broken.map(\.sentence) == ["Column 2 has no name in the first record."])
    }
}
