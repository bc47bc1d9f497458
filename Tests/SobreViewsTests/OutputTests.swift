import SobreModel
import Testing

import SobreViews
import Text
import TerminalOutput

@Suite("Output") struct OutputTests {
    private static let plain = Terminal(isInteractive: false, usesColour: false, width: 80)

    private func table(_ rows: [[String]]) -> Table {
        var table = Table([
            .init("id"), .init("count", alignsRight: true), .init("reason", shrinksTo: 8),
            .init("detail", shrinksTo: 10),
        ])
        for row in rows { table.add(row.map { Table.Cell($0, .good) }) }
        return table
    }

    @Test func `a table fits 80 columns, and what must not shrink is whole`() {
        let long = String(repeating: "reason ", count: 20)
        let id = "01JD3V8K6M1R0"
        let lines = table([[id, "7", long, long], ["x", "12345", "é" + long, "漢字" + long]]).lines(for: Self.plain)
        #expect(lines.count == 3)
        for line in lines { #expect(TextWidth.of(line) <= 80, "\(line)") }
        #expect(lines[1].hasPrefix(id + "      7  reason"))
        #expect(lines[1].contains("…"))
    }

    @Test func `a small table is as wide as its words`() {
        let lines = table([["a", "1", "b", "c"]]).lines(for: Self.plain)
        #expect(lines == ["ID  COUNT  REASON  DETAIL", "a       1  b       c"])
    }

    @Test func `a value cannot move the cursor or forge a line`() {
        let lines = table([["a\u{1B}[2Jb", "1", "c\nd", "e\u{9B}2J\u{7F}"]]).lines(for: Self.plain)
        #expect(lines.count == 2)
        #expect(!lines[1].unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) })
    }

    @Test func `colours stand only where they are wanted`() {
        #expect(Style.bad.paint("no", on: Self.plain) == "no")
        let colour = Terminal(isInteractive: true, usesColour: true, width: 80)
        #expect(Style.bad.paint("no", on: colour) == "\u{1B}[31mno\u{1B}[0m")
    }

    @Test(arguments: [
        ("hello", 5, "hello"), ("hello", 4, "hel…"), ("hello", 1, "…"), ("hello", 0, ""), ("漢字漢字", 5, "漢字…"),
        ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ])
    func `a text is cut to a width`(text: String, width: Int, cut: String) {
        #expect(TextWidth.cut(text, to: width) == cut)
        #expect(TextWidth.of(cut) <= width)
    }

    @Test(arguments: [
        (Int64(0), "0 s"), (500, "500 ms"), (59_999, "59 s"), (60_000, "1 min"), (61_000, "1 min 1 s"),
        (3_605_000, "1 h"), (90_061_000, "1 d 1 h"), (-5000, "0 s"),
    ])
    func `a length is told in its two greatest units`(milliseconds: Int64, text: String) {
        #expect(DurationText.rounded(.milliseconds(milliseconds)) == text)
    }

    @Test(arguments: [
        ("2026-03-02T12:00:00Z", "2026-03-02T12:00:00Z"), ("2026-03-01", "2026-03-01T00:00:00Z"),
        ("90s", "2026-03-02T11:58:30Z"), ("5m", "2026-03-02T11:55:00Z"), ("2h", "2026-03-02T10:00:00Z"),
        ("7d", "2026-02-23T12:00:00Z"),
    ])
    func `a time is read as it stands or back from now`(text: String, expected: String) throws {
        let now = try #require(Instant(rfc3339: "2026-03-02T12:00:00Z"))
        #expect(TextTime.parse(text, now: now) == Instant(rfc3339: expected))
    }

    @Test(arguments: ["", "soon", "-1h", "5y", "h", "2026-13-01", "99999999999999999999d", "9999999d"])
    func `what is no time is refused`(text: String) {
        #expect(TextTime.parse(text, now: .epoch) == nil)
    }

    @Test func `an instant is told in UTC`() throws {
        let instant = try #require(Instant(rfc3339: "1997-01-03T10:00:12+01:00"))
        #expect(TextTime.minuteAndSecond(instant) == "1997-01-03 09:00:12")
    }

    @Test func `the numbers of the exit status are those of the help`() {
        #expect(ExitStatus.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 69, 70, 74, 77, 78])
        let named = ExitStatus.summary.split(separator: "·").compactMap { part in
            part.split(separator: " ").first.flatMap { Int32($0) }
        }
        #expect(named == ExitStatus.allCases.map(\.rawValue))
    }
}
