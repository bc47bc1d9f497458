import Testing
import Text

@Suite("Durations as text") struct DurationTextTests {
    @Test(arguments: [
        ("0s", Duration.zero), ("90s", .seconds(90)), ("7d", .seconds(604_800)), ("2w", .seconds(1_209_600)),
        ("500ms", .milliseconds(500)), ("1h30m", .seconds(5_400)), ("1.5h", .seconds(5_400)),
        (".5s", .milliseconds(500)),
        ("5min", .seconds(300)), ("1m1s1ms1us", .microseconds(61_001_001)), ("3 d 4 h", .seconds(273_600)),
        ("1 min 1 s", .seconds(61)), ("0.001us", .nanoseconds(1)), ("0.0005us", .nanoseconds(1)),
        ("106751d23h47m16.854775807s", .nanoseconds(Int64.max)),
    ])
    func `are numbers with units in falling order`(text: String, expected: Duration) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(arguments: [
        "", " ", "5", "s", ".", ".s", "1s1h", "1s1s", "1m1min", "-1s", "+1s", "1x", " 1h", "1h ", "1 ", "1..5h",
        "1.5.5h",
        "7 days", "1H", "1e3s", "１s", "99999999999999999w", "99999999999999999999s", "106751d23h47m16.854775808s",
        "106751.99116730065d1us",
    ])
    func `are nothing else`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    /// Durations of every magnitude, some round, some with nanoseconds.
    private static func sample(_ generator: inout some RandomNumberGenerator) -> Duration {
        let units: [Int64] = [
            1, 1_000, 1_000_000, 1_000_000_000, 60_000_000_000, 3_600_000_000_000, 86_400_000_000_000,
        ]
        let unit = units.randomElement(using: &generator)!
        let bits = Int64.random(in: 0..<62, using: &generator)
        return .nanoseconds((Int64.random(in: 0...Int64.max, using: &generator) >> bits) / unit * unit)
    }

    @Test func `what is written exactly is read back as it was`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let duration = Self.sample(&generator)
            let text = DurationText.exact(duration)
            #expect(DurationText.parse(text) == duration, "\(duration) is written as \(text)")
        }
    }

    @Test func `what is rounded for people is read back as at most what it was, and off by less than its last unit`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let duration = Self.sample(&generator)
            let text = DurationText.rounded(duration)
            guard let read = DurationText.parse(text) else {
                Issue.record("\(duration) is written as \(text), which is not read")
                continue
            }
            let unit: Duration =
                duration >= .seconds(86_400)
                ? .seconds(3_600)
                : duration >= .seconds(3_600) ? .seconds(60) : duration >= .seconds(1) ? .seconds(1) : .milliseconds(1)
            // A second unit of zero is left out, and smaller units are then not shown.
            #expect(read <= duration && duration - read < unit, "\(duration) is written as \(text)")
        }
    }

    @Test(arguments: [
        (Duration.zero, "0s", "0 s", "0 ms"), (.milliseconds(1_500), "1500ms", "1 s", "1500 ms"),
        (.seconds(90), "90s", "1 min 30 s", "90 seconds"), (.seconds(3_600), "1h", "1 h", "1 hour"),
        (.seconds(129_600), "36h", "1 d 12 h", "36 hours"), (.seconds(604_800), "7d", "7 d", "7 days"),
        (.microseconds(7), "7us", "0 s", "7us"), (.nanoseconds(1_005), "1.005us", "0 s", "1.005us"),
        (.seconds(-5), "-5s", "0 s", "-5000 ms"),
    ])
    func `have an exact form, a rounded one and one in words`(
        duration: Duration, exact: String, rounded: String, words: String
    ) {
        #expect(DurationText.exact(duration) == exact)
        #expect(DurationText.rounded(duration) == rounded)
        #expect(DurationText.words(duration) == words)
    }

    @Test func `an error says what would be right`() {
        let day: ClosedRange<Duration> = .seconds(1)...(.seconds(86_400))
        #expect(throws: Never.self) { try DurationText.read("1d", in: day) }
        let wrong = #expect(throws: DurationError.self) { try DurationText.read("soon", in: day) }
        #expect(
            wrong?.description
                == "\"soon\" is not a duration. Expected: write a number and a unit: w, d, h, m, s, ms or us, "
                + "such as 7d, 1h30m or 500ms.")
        let long = #expect(throws: DurationError.self) { try DurationText.read("25h", in: day) }
        #expect(long?.description == "\"25h\" is out of range. Expected: 1s to 1d.")
    }
}
