import SobreModel
import Testing

@Suite("Instants")
struct InstantTests {
    @Test(
        "RFC 3339 is read to the millisecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1997-01-01T09:00:00Z", 852_109_200_000),
            ("2026-03-29T02:30:00.250+01:00", 1_774_747_800_250), ("2024-02-29t12:00:00z", 1_709_208_000_000),
            ("1969-12-31T23:59:59.999Z", -1), ("2026-01-01T00:00:00.123456-05:30", 1_767_245_400_123),
        ])
    func reads(text: String, milliseconds: Int) {
        #expect(Instant(rfc3339: text)?.milliseconds == Int64(milliseconds))
    }

    @Test(
        "What is not a moment is refused",
        arguments: [
            "", "1997-01-01", "1997-02-29T00:00:00Z", "1997-13-01T00:00:00Z", "1997-01-01T24:00:00Z",
            "1997-01-01T00:00:00", "1997-01-01T00:00:00+1:00", "1997-01-01T00:00:00.Z", "1997-01-01T00:00:00Zx",
            "١٩٩٧-01-01T00:00:00Z", "1997-01-00T00:00:00Z", "1997\r01\r01T00:00:00Z", "1997-01-01T00\u{1a}00\u{1a}00Z",
        ])
    func refuses(text: String) { #expect(Instant(rfc3339: text) == nil) }

    @Test(
        "Instants are written with four digits of the year or more, and milliseconds where there are any",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (852_109_200_250, "1997-01-01T09:00:00.250Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (1_709_208_000_007, "2024-02-29T12:00:00.007Z"),
            (-62_167_219_200_000, "0000-01-01T00:00:00Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "10000-01-01T00:00:00Z"),
        ])
    func writes(milliseconds: Int, text: String) {
        #expect(Instant(milliseconds: Int64(milliseconds)).rfc3339 == text)
    }

    @Test("Writing and reading are inverse, also before 1970 and on leap days")
    func roundTrip() {
        var state: UInt64 = 42
        for _ in 0..<5000 {
            state = state &* 6_364_136_223_846_793_005 &+ 1
            let instant = Instant(milliseconds: Int64(state >> 18) % 253_402_300_799_000 - 60_000_000_000_000)
            #expect(Instant(rfc3339: instant.rfc3339) == instant)
        }
    }
}
