import Files
import Testing

@testable import ZoneInfo

@Suite struct ZoneCatalogueTests {
    let catalogue = ZoneCatalogue.system

    @Test(
        "names that could leave the directory are rejected without file access",
        arguments: [
            "", "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC", "Europe//Paris", "Europe/Paris/", "Europe/Pa ris",
            "Europe\u{1}/Paris", "right/UTC", "posix/UTC", "Europé/Paris", String(repeating: "a", count: 65),
            "zone.tab",
        ])
    func invalid(_ name: String) {
        #expect(throws: ZoneError.invalidName(name)) { try catalogue.zone(named: name) }
        #expect(!catalogue.isKnown(name))
    }

    @Test("a misspelt zone is unknown, and the closest name is suggested")
    func unknown() {
        #expect(throws: ZoneError.unknown("Europe/Pari", suggestion: "Europe/Paris")) {
            try catalogue.zone(named: "Europe/Pari")
        }
        #expect(catalogue.suggestion(for: "paris") == "Europe/Paris")
        #expect(catalogue.suggestion(for: "Mars/Olympus_Mons_Base") == nil)
        #expect(throws: ZoneError.self) { try catalogue.zone(named: "Europe") }
    }

    @Test("a name that no zone has is looked up once")
    func remembered() throws {
        let directory = try Folder.makeTemporary("/tmp/sobre-zones")
        defer { Folder.remove(directory) }
        let paris = try TextFile.read("/usr/share/zoneinfo/Europe/Paris", atMost: 1 << 20)
        try TextFile.create("\(directory)/Mars", with: paris)
        let zones = ZoneCatalogue(directory: directory)
        let unknown = ZoneError.unknown("Mers", suggestion: "Mars")
        #expect(throws: unknown) { try zones.zone(named: "Mers") }
        try TextFile.create("\(directory)/Mers", with: paris)
        #expect(throws: unknown, "it was looked up again") { try zones.zone(named: "Mers") }
        #expect(zones.isKnown("Mars"))
    }

    @Test("without a database the error says what to install, and UTC still works")
    func noDatabase() throws {
        let empty = ZoneCatalogue(directory: "/nonexistent/zones")
        #expect(throws: ZoneError.noDatabase(path: "/nonexistent/zones")) { try empty.zone(named: "Europe/Paris") }
        #expect(try empty.zone(named: "UTC").offset(at: 0) == 0)
        #expect(empty.zones(ofCountry: "FR").isEmpty)
    }

    @Test("each different clock of a country is listed once")
    func countries() throws {
        #expect(catalogue.zones(ofCountry: "FR").map(\.name) == ["Europe/Paris"])
        let american = catalogue.zones(ofCountry: "US").map(\.name)
        #expect(american.contains("America/New_York") && american.contains("Pacific/Honolulu"))
        #expect(american.count > 5 && american.count < 29)
        #expect(catalogue.zones(ofCountry: "XX").isEmpty)
    }

    @Test("the cache is bounded and answers stay the same")
    func bounded() throws {
        let small = ZoneCatalogue(maxCached: 2)
        let names = ["Europe/Paris", "America/New_York", "Asia/Tokyo", "Europe/Paris"]
        for name in names { #expect(try small.zone(named: name).name == name) }
    }

    @Test("every zone in the database can be read")
    func everyZone() throws {
        let names = catalogue.names
        #expect(names.count > 400)
        #expect(names.contains("Europe/Paris") && !names.contains("zone.tab"))
        for name in names { _ = try catalogue.zone(named: name) }
    }

    @Test(
        "damaged files are rejected",
        arguments: [0, 3, 20, 43, 44, 60, 400, 1_000])
    func truncated(_ length: Int) throws {
        let whole = try TextFile.read("/usr/share/zoneinfo/Europe/Paris", atMost: 1 << 20)
        #expect(TZifReader.zone(named: "Europe/Paris", from: whole) != nil)
        #expect(TZifReader.zone(named: "Europe/Paris", from: Array(whole.prefix(length))) == nil)
    }

    @Test("no wrong byte in a file causes a crash")
    func corrupted() throws {
        let whole = try TextFile.read("/usr/share/zoneinfo/Europe/Paris", atMost: 1 << 20)
        for index in stride(from: 0, to: whole.count, by: 11) {
            for value: UInt8 in [0, 0x7f, 0xff] {
                var bytes = whole
                bytes[index] = value
                if let zone = TZifReader.zone(named: "x", from: bytes) { _ = zone.local(at: 1_774_746_000) }
            }
        }
    }

    @Test(
        "POSIX rules are parsed with their extensions",
        arguments: [
            ("CET-1CEST,M3.5.0,M10.5.0/3", Int32(3_600), Int32?(7_200)),
            ("<-03>3", -10_800, nil),
            ("IST-1GMT0,M10.5.0,M3.5.0/1", 3_600, 0),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7_200, -3_600),
            ("EET-2EEST,M3.4.4/50,M10.4.4/50", 7_200, 10_800),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37_800, 39_600),
            ("XXX3EDT4,0/0,J365/23", -10_800, -14_400),
        ])
    func rules(_ text: String, _ standard: Int32, _ daylight: Int32?) throws {
        let rule = try #require(POSIXRule(text))
        #expect(rule.standard == standard)
        #expect(rule.daylight?.offset == daylight)
    }

    @Test(
        "invalid POSIX rules are rejected",
        arguments: ["", "C1", "CET", "CET-1CEST,M13.1.0,M1.1.1", "CET-1CEST,M3.5.0"])
    func notRules(_ text: String) {
        #expect(POSIXRule(text) == nil)
    }
}
