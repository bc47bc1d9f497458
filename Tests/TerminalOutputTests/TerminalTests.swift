import Testing

@testable import TerminalOutput

@Suite struct TerminalTests {
    @Test(arguments: [
        (false, Int?.none, String?.none, Terminal.unlimitedWidth), (false, nil, "132", 132), (false, nil, "80", 80),
        (true, 100, nil, 100), (true, 100, "60", 60), (true, nil, nil, 80), (true, 0, nil, 80),
        (true, 100, "wide", 100),
        (true, 100, "0", 100), (true, 100, "-5", 100), (false, nil, "", Terminal.unlimitedWidth),
    ])
    func `A pipe gets whole lines, a terminal its width, and COLUMNS wins`(
        isInteractive: Bool, columns: Int?, wanted: String?, width: Int
    ) {
        #expect(Terminal.width(isInteractive: isInteractive, columns: columns, wanted: wanted) == width)
    }

    private static func table(_ why: String) -> Table {
        var table = Table([.init("id"), .init("campaign", shrinksTo: 6), .init("why", shrinksTo: 10, wraps: true)])
        table.add([.init("1"), .init("a-long-campaign-name"), .init(why)])
        table.add([.init("2"), .init("b"), .init("short")])
        return table
    }

    @Test(arguments: [30, 40, 80])
    func `A column that wraps loses nothing on a terminal`(width: Int) {
        let why = "frequency_capped: marketing-per-day 1/1, next slot 2026-11-30T05:00:00Z until it is free"
        let lines = Self.table(why).lines(for: Terminal(isInteractive: true, usesColour: false, width: width))
        #expect(lines.allSatisfy { TextWidth.of($0) <= width }, "\(lines)")
        #expect(lines.count > 3)
        let column = lines[0].firstRange(of: "WHY")!.lowerBound.utf16Offset(in: lines[0])
        let pieces = lines[1..<(lines.count - 1)].map { $0.dropFirst(column) }
        #expect(pieces.joined().filter { $0 != " " } == why.filter { $0 != " " })
        #expect(lines.last?.hasSuffix("short") == true)
    }

    @Test func `A pipe and --wide cut no column`() {
        let why = String(repeating: "because ", count: 60)
        let terminal = Terminal(isInteractive: true, usesColour: false, width: 40)
        let lines = Self.table(why).lines(for: terminal.wide)
        #expect(lines.count == 3)
        #expect(lines[1].contains("a-long-campaign-name"))
        #expect(lines[1].hasSuffix("because"))
        #expect(!lines.joined().contains("…"))
    }

    @Test(arguments: [
        ("ann\u{202E}gnp.exe", "ann\u{FFFD}gnp.exe"), ("a\u{2066}b\u{2069}c", "a\u{FFFD}b\u{FFFD}c"),
        ("\u{200E}\u{200F}\u{61C}", "\u{FFFD}\u{FFFD}\u{FFFD}"), ("one\u{2028}two\u{2029}", "one two "),
        ("a\u{1B}[2Jb\u{9B}2J\u{7F}\r\n", "a [2Jb 2J   "), ("zero\u{200B}width\u{FEFF}", "zero\u{FFFD}width\u{FFFD}"),
        ("👩\u{200D}👧 می\u{200C}خواهم שלום", "👩\u{200D}👧 می\u{200C}خواهم שלום"), ("plain", "plain"),
    ])
    func `Text of others cannot deceive its reader`(text: String, shown: String) {
        let cleaned = Console.harmless(text)
        #expect(Array(cleaned.unicodeScalars) == Array(shown.unicodeScalars))
    }

    @Test func `JSON for a terminal says the same with such characters escaped`() {
        let text = #"{"name":"a\#u{202E}b é \#u{E0041}"}"#
        let escaped = String(decoding: Console.escaped(Array(text.utf8)), as: UTF8.self)
        #expect(escaped == #"{"name":"a\u202eb é \udb40\udc41"}"#)
    }
}
