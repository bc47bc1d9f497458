import Testing
import Text

@Suite("Comma-separated values") struct CSVReaderTests {
    /// All records of a text that arrives in pieces of this size.
    private static func records(_ text: some Collection<UInt8>, pieces: Int = .max, limit: Int = 1000) -> [CSVRecord] {
        var reader = CSVReader(maxRecordBytes: limit)
        var records: [CSVRecord] = []
        var rest = Array(text)[...]
        while !rest.isEmpty {
            reader.append(Array(rest.prefix(pieces)))
            rest = rest.dropFirst(min(pieces, rest.count))
            while let record = reader.next() { records.append(record) }
        }
        reader.finish()
        while let record = reader.next() { records.append(record) }
        return records
    }

    private static func cells(_ text: String) -> [[String]?] {
        records(text.utf8).map { if case .cells(let cells) = $0.content { cells } else { nil } }
    }

    @Test(
        arguments: [
            ("", []), ("a", [["a"]]), ("a,b\r\nc,d\r\n", [["a", "b"], ["c", "d"]]),
            ("a,b\nc,d", [["a", "b"], ["c", "d"]]),
            ("a,\r\n,b", [["a", ""], ["", "b"]]), ("\"a,b\",\"say \"\"no\"\"\"", [["a,b", "say \"no\""]]),
            ("\"one\r\ntwo\nthree\",x\r\ny", [["one\r\ntwo\nthree", "x"], ["y"]]), ("\"\"", [[""]]),
            ("\"\",\"\"", [["", ""]]),
            ("\u{FEFF}a,b", [["a", "b"]]), ("\u{FEFF}\"a\",b", [["a", "b"]]), ("\n\r\n  \na\n\n", [["a"]]),
            ("a\"b,c", [["a\"b", "c"]]), ("a\rb", [["a"], ["b"]]), ("a\r", [["a"]]), ("\"a\"b", [["ab"]]),
            ("é,漢", [["é", "漢"]]),
        ] as [(String, [[String]])])
    func `are read by the rules of RFC 4180`(text: String, expected: [[String]]) {
        #expect(Self.cells(text) == expected)
    }

    @Test func `are the same in pieces of any size`() {
        let text = "\u{FEFF}h1,h2\r\n\"a \"\"b\"\"\r\nc\",d\r\n\r\n\"open,x\r\n1,2\r\nend\r\n"
        let whole = Self.records(text.utf8)
        #expect(whole.map(\.line) == [1, 2, 5, 6, 7])
        for size in 1...text.utf8.count {
            #expect(Self.records(text.utf8, pieces: size) == whole, "in pieces of \(size)")
        }
    }

    @Test func `name a record and the line on which it begins`() {
        let records = Self.records("a\n\n\"1\n2\n3\"\nb\n".utf8)
        #expect(records.map(\.number) == [1, 2, 3] && records.map(\.line) == [1, 3, 6])
    }

    @Test func `an unclosed quote costs one line, at the end of the file and at the bound`() {
        let records = Self.records("a\n\"b\nc\nd\n".utf8)
        #expect(records.map(\.content) == [.cells(["a"]), .broken(.unclosedQuote), .cells(["c"]), .cells(["d"])])
        let long = "a\n\"b\n" + String(repeating: "c,d\n", count: 100)
        let bounded = Self.records(long.utf8, pieces: 7, limit: 50)
        #expect(bounded.count == 102 && bounded[1].content == .broken(.unclosedQuote))
        #expect(
            bounded.last?.number == 102 && bounded.last?.line == 102 && bounded.last?.content == .cells(["c", "d"]))
    }

    @Test func `a record over the bound is refused, and the next one is read`() {
        let text = "a\n" + String(repeating: "x", count: 10_000) + "\nb\n"
        for size in [1, 13, 4096, 100_000] {
            let records = Self.records(text.utf8, pieces: size, limit: 100)
            #expect(records.map(\.content) == [.cells(["a"]), .broken(.tooLong), .cells(["b"])])
            #expect(records.last?.line == 3)
        }
        #expect(Self.records("abc".utf8, limit: 3).map(\.content) == [.cells(["abc"])])
        #expect(Self.records("abcd".utf8, limit: 3).map(\.content) == [.broken(.tooLong)])
    }

    @Test(arguments: ["a;b\n\"1,5\";x\n", "a\tb\n\"1,5\"\tx\n", "a,b\n\"1,5\",x\n", "\"a;\",b\n\"1,5\",x\n"])
    func `cells may stand between semicolons or tabs, as the first line shows`(text: String) {
        for size in [1, 3, 1000] {
            var reader = CSVReader(maxRecordBytes: 1000, separator: nil)
            var found: [[String]] = []
            var rest = Array(text.utf8)[...]
            while true {
                while let record = reader.next() { if case .cells(let cells) = record.content { found.append(cells) } }
                if rest.isEmpty { break }
                reader.append(Array(rest.prefix(size)))
                rest = rest.dropFirst(size)
            }
            reader.finish()
            while let record = reader.next() { if case .cells(let cells) = record.content { found.append(cells) } }
            #expect(found.last == ["1,5", "x"] && found.count == 2)
        }
    }

    @Test func `lines may end with CR alone, and keep their numbers`() {
        let records = Self.records("a,b\r\"open,x\r1,2\r\n3,4\r".utf8)
        #expect(
            records.map(\.content) == [
                .cells(["a", "b"]), .broken(.unclosedQuote), .cells(["1", "2"]), .cells(["3", "4"]),
            ])
        #expect(records.map(\.line) == [1, 2, 3, 4])
    }

    @Test(arguments: [[0xFF, 0xFE, 0x61, 0x00, 0x0A, 0x00], [0xFE, 0xFF, 0x00, 0x61, 0x00, 0x0A]] as [[UInt8]])
    func `a file in UTF-16 is named once`(bytes: [UInt8]) {
        #expect(Self.records(bytes).map(\.content) == [.broken(.utf16)])
        #expect(CSVRecord.Fault.utf16.sentence.contains("UTF-8"))
    }

    @Test func `what is not UTF-8 is refused`() {
        #expect(
            Self.records([0x61, 0x2C, 0xFF, 0x0A, 0x62] as [UInt8]).map(\.content) == [
                .broken(.notUTF8), .cells(["b"]),
            ])
    }

    @Test(arguments: [
        "plain", "", "a,b", "say \"no\"", "=1+1", "+12025550123", "-5", "@here", "\ttab", "'quoted", "é", "'=x",
        "a\r\nb", "\n",
        "\r",
    ])
    func `a cell comes back as it was written, and none begins like a formula`(text: String) {
        let line = CSVWriter.line([text, "end"])
        #expect(Self.cells(line).map { $0?.map(CSVWriter.unguarded) } == [[text, "end"]])
        let first = line.first { $0 != "\"" }
        #expect(first.map { !"=+-@\t".contains($0) } ?? true)
    }

    @Test func `random cells come back as they were written`() {
        var generator = SystemRandomNumberGenerator()
        let letters = ["a", "\"", ",", "\r", "\n", "\r\n", " ", "'", "=", "é", ""]
        for _ in 0..<2_000 {
            let rows = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
                ["x"]
                    + (0..<3).map { _ in
                        (0..<Int.random(in: 0...5, using: &generator)).map { _ in
                            letters.randomElement(using: &generator)!
                        }.joined()
                    }
            }
            let text = rows.map(CSVWriter.line).joined()
            let read = Self.records(text.utf8, pieces: Int.random(in: 1...9, using: &generator))
            let cells = read.map { record -> [String]? in
                if case .cells(let cells) = record.content { cells.map(CSVWriter.unguarded) } else { nil }
            }
            #expect(cells == rows, "\(text.debugDescription)")
        }
    }
}
