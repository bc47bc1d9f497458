import SobreSettings
import Testing

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.5", "10.0.0.5", true), ("10.0.0.5", "10.0.0.6", false), ("10.0.0.0/24", "10.0.0.255", true),
        ("10.0.0.0/24", "10.0.1.0", false), ("10.0.0.0/23", "10.0.1.7", true), ("10.0.0.77/25", "10.0.0.1", true),
        ("10.0.0.77/25", "10.0.0.128", false), ("0.0.0.0/0", "203.0.113.9", true),
        ("2001:db8::/33", "2001:db8:7fff::1", true),
        ("2001:db8::/33", "2001:db8:8000::1", false), ("::/0", "10.0.0.1", false),
    ])
    func `a range holds the addresses with its prefix`(range: String, address: String, isInside: Bool) throws {
        let bytes = try #require(AddressRange.bytes(of: address))
        #expect(try #require(AddressRange(range)).contains(bytes) == isInside)
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/8/8", "proxy.example", "::/129",
    ])
    func `what is neither an address nor a range is refused`(text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func `server.proxies names what is wrong in it`() throws {
        let settings = try Settings.parse(
            "server: {proxies: [10.0.0.5, \"2001:db8::/64\"]}", file: "s.yaml", folder: "/",
            environment: Environment([:]))
        #expect(settings.server.limits.proxies == [AddressRange("10.0.0.5"), AddressRange("2001:db8::/64")])
        let error = #expect(throws: SettingsError.self) {
            try Settings.parse(
                "server: {proxies: [caddy.local]}", file: "s.yaml", folder: "/", environment: Environment([:]))
        }
        #expect("\(try #require(error))".contains("neither an address nor a range"))
    }
}
