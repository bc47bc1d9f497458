import JSON
import TestBed
import Testing

/// `sobre providers check NAME` against a DNS server on loopback.
@Suite(
    "Checking a provider's DNS", .serialized,
    .enabled(if: PublishedKey.isPossible, "Skipped: the command openssl is not installed (apt-get install openssl)."))
struct ProviderCheckTests {
    /// A relay that signs with two keys and has a return path of its own.
    private struct Setup {
        let bed: TestBed
        let rsa: PublishedKey
        let ed25519: PublishedKey

        init() throws {
            bed = try TestBed.built("dns")
            rsa = try PublishedKey("rsa", isEd25519: false, in: bed.folder)
            ed25519 = try PublishedKey("ed25519", isEd25519: true, in: bed.folder)
            try bed.writeConfiguration(policy: "", relay: 25)
            let keys =
                "{\"r1._domainkey.shop.example\": \"file:\(rsa.file)\", \"e1._domainkey.shop.example\": \"file:\(ed25519.file)\"}"
            try bed.changeSettings([
                ("security: none}", "security: none, return_path: b@bounces.shop.example}\n    secrets: \(keys)")
            ])
        }

        /// Everything as it should be. The RSA key needs several strings, and TCP.
        var zone: DNSServer.Zone {
            var zone = DNSServer.Zone([
                "bounces.shop.example": [["unrelated"], ["v=spf1 ip4:192.0.2.1 ", "include:spf.example -all"]],
                "spf.example": [["v=spf1 ip4:198.51.100.0/24 include:_a.spf.example ~all"]],
                "_a.spf.example": [["v=spf1 a mx ?all"]],
                "e1._domainkey.shop.example": [["v=DKIM1; k=ed25519; p=\(ed25519.published)"]],
                "r1._domainkey.shop.example": [
                    ["v=DKIM1; k=rsa; p=\(rsa.published.prefix(180))", String(rsa.published.dropFirst(180))]
                ],
                "_dmarc.shop.example": [["v=DMARC1; p=quarantine; rua=mailto:d@shop.example"]],
            ])
            zone.large = ["r1._domainkey.shop.example"]
            return zone
        }

        func check(_ resolver: String, _ more: [String] = []) throws -> (code: Int32, output: String) {
            try bed.run(
                ["providers", "check", "relay", "--config", "\(bed.folder)/sobre.yaml", "--resolver", resolver] + more,
                environment: TestBed.secrets)
        }

        func check(_ zone: DNSServer.Zone, _ more: [String] = []) throws -> (code: Int32, output: String) {
            let server = try DNSServer(zone)
            defer { server.stop() }
            return try check("127.0.0.1:\(server.port)", more)
        }
    }

    @Test func `all records are found and right`() throws {
        let setup = try Setup()
        let (code, output) = try setup.check(setup.zone, ["--format", "json"])
        #expect(code == 0, "\(output)")
        let root = try JSONDocument.parse(Array(output.utf8)).root
        let found = try #require(root["dns"]).elements.map {
            [$0["record"]?.string ?? "", $0["name"]?.string ?? "", $0["state"]?.string ?? ""]
        }
        #expect(
            found == [
                ["SPF", "bounces.shop.example", "good"], ["DKIM", "e1._domainkey.shop.example", "good"],
                ["DKIM", "r1._domainkey.shop.example", "good"], ["DMARC", "_dmarc.shop.example", "good"],
            ])
        #expect(root["dns"]?[0]?["detail"]?.string == "v=spf1 ip4:192.0.2.1 include:spf.example -all")
        let (plain, text) = try setup.check(setup.zone)
        #expect(plain == 0 && text.contains("ready  relay (smtp)") && text.contains("the key that signs"), "\(text)")
    }

    private typealias Change = @Sendable (inout DNSServer.Zone, Setup) -> Void

    private static let spf = "bounces.shop.example"
    private static let dkim = "e1._domainkey.shop.example"
    private static let dmarc = "_dmarc.shop.example"

    private static let faults: [(change: Change, name: String, state: String, words: String)] = [
        ({ zone, _ in zone.records[spf] = nil }, spf, "wrong", "no SPF record"),
        ({ zone, _ in zone.records[spf] = [["v=spf10 -all"]] }, spf, "wrong", "no SPF record"),
        ({ zone, _ in zone.records[spf] = [["v=spf1 -all"], ["v=spf1 mx -all"]] }, spf, "wrong", "2 SPF records"),
        ({ zone, _ in zone.records[spf] = [["v=spf1 mx +all"]] }, spf, "wrong", "everybody may send"),
        ({ zone, _ in zone.records[spf] = [["v=spf1 mx"]] }, spf, "warning", "it has no end"),
        (
            { zone, _ in zone.records[spf] = [["v=spf1 " + String(repeating: "include:x.example ", count: 11), "-all"]]
            },
            spf, "wrong", "11 terms need DNS"
        ),
        // What is included counts and can be wrong.
        ({ zone, _ in zone.records["spf.example"] = nil }, spf, "wrong", "spf.example has no SPF record"),
        (
            { zone, _ in zone.records["_a.spf.example"] = [["v=spf1 -all"], ["v=spf1 a -all"]] }, spf, "wrong",
            "_a.spf.example has 2 SPF records"
        ),
        (
            { zone, _ in zone.records["_a.spf.example"] = [["v=spf1 ip4:192.0.2.9 +all"]] }, spf, "wrong",
            "_a.spf.example lets everybody send"
        ),
        ({ zone, _ in zone.failing = ["_a.spf.example"] }, spf, "warning", "could not be looked up"),
        // One in the domain's own record, one in the included one, nine in the next.
        (
            { zone, _ in
                zone.records["_a.spf.example"] = [["v=spf1 " + String(repeating: "a:h.example ", count: 9) + "-all"]]
            }, spf, "wrong", "11 terms need DNS"
        ),
        (
            { zone, _ in
                zone.records["_a.spf.example"] = [["v=spf1 " + String(repeating: "a:h.example ", count: 8) + "-all"]]
            }, spf, "good", "include:spf.example"
        ),
        // A circle ends.
        (
            { zone, _ in zone.records["_a.spf.example"] = [["v=spf1 include:spf.example ~all"]] }, spf, "wrong",
            "11 terms"
        ),
        (
            { zone, _ in zone.records[spf] = [["v=spf1 redirect=gone.example"]] }, spf, "wrong",
            "gone.example has no SPF"
        ),
        ({ zone, _ in zone.records[spf] = [["v=spf1 redirect=gone.example -all"]] }, spf, "good", "redirect"),
        ({ zone, _ in zone.records[spf] = [["v=spf1 include:%{i}.x.example -all"]] }, spf, "good", "%{i}"),
        ({ zone, _ in zone.records[dkim] = nil }, dkim, "wrong", "no record of the key"),
        ({ zone, _ in zone.records[dkim] = [["v=DKIM1; k=ed25519; p="]] }, dkim, "wrong", "revoked"),
        (
            { zone, setup in zone.records[dkim] = [["k=rsa; p=\(setup.rsa.published.prefix(200))"]] }, dkim, "wrong",
            "k=rsa"
        ),
        ({ zone, _ in zone.records[dkim] = [["k=ed25519; p=!"]] }, dkim, "wrong", "not base64"),
        (
            { zone, _ in zone.records[dkim] = [["k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]] }, dkim,
            "wrong", "another key than the one that signs"
        ),
        (
            { zone, setup in zone.records[dkim] = [["k=ed25519; t=s:y; p=\(setup.ed25519.published)"]] }, dkim,
            "warning",
            "t=y"
        ),
        ({ zone, _ in zone.records[dmarc] = nil }, dmarc, "wrong", "no DMARC record"),
        ({ zone, _ in zone.records[dmarc] = [["v=DMARC1; p=maybe"]] }, dmarc, "wrong", "p= is not"),
        ({ zone, _ in zone.records[dmarc]?.append(["v=DMARC1; p=none"]) }, dmarc, "wrong", "2 DMARC records"),
        ({ zone, _ in zone.records[dmarc] = [["v=DMARC1; p=none"]] }, dmarc, "warning", "asks receivers for nothing"),
        ({ zone, _ in zone.failing = [dmarc] }, dmarc, "unknown", "SERVFAIL"),
    ]

    @Test func `what is wrong is named, with what to do`() throws {
        let setup = try Setup()
        for (change, name, state, words) in Self.faults {
            var zone = setup.zone
            change(&zone, setup)
            let (code, output) = try setup.check(zone, ["--format", "json"])
            #expect((code == 1) == (state == "wrong"), "\(words): \(output)")
            let found = try JSONDocument.parse(Array(output.utf8)).root["dns"]?.elements.first {
                $0["name"]?.string == name
            }
            #expect(found?["state"]?.string == state, "\(words): \(output)")
            #expect(found?["detail"]?.string?.contains(words) == true, "\(words): \(output)")
        }
    }

    @Test func `a parent's DMARC record counts for its subdomains`() throws {
        let setup = try Setup()
        try setup.bed.changeSettings([("host: 127.0.0.1,", "host: 127.0.0.1, from: news@mail.shop.example,")])
        let (code, output) = try setup.check(setup.zone, ["--format", "json"])
        #expect(code == 0, "\(output)")
        let names = try JSONDocument.parse(Array(output.utf8)).root["dns"]?.elements
            .filter { $0["record"]?.string == "DMARC" }.compactMap { $0["name"]?.string }
        #expect(names == ["_dmarc.shop.example", "_dmarc.shop.example"])
    }

    @Test func `without a resolver the settings are checked, and that is said`() throws {
        let setup = try Setup()
        let server = try DNSServer(setup.zone)
        server.stop()
        let (code, output) = try setup.check("127.0.0.1:\(server.port)")
        #expect(code == 0)
        #expect(output.contains("ready  relay (smtp)") && output.contains("unknown"), "\(output)")
        #expect(output.contains("refuses connections") && output.contains("--resolver ADDRESS"), "\(output)")
    }

    @Test func `mistakes in the arguments are named`() throws {
        let setup = try Setup()
        let (code, output) = try setup.check("dns.example")
        #expect(code == 64 && output.contains("--resolver is not an address: dns.example"), "\(output)")
        let config = ["--config", "\(setup.bed.folder)/sobre.yaml"]
        let unknown = try setup.bed.run(["providers", "check", "rely"] + config, environment: TestBed.secrets)
        #expect(
            unknown.code == 1 && unknown.output.contains("No provider rely is set up. Use one of relay, twilio, fcm."))
        // A provider that sends no email has no domains.
        let sms = try setup.bed.run(["providers", "check", "twilio"] + config, environment: TestBed.secrets)
        #expect(sms.code == 0 && sms.output == "ready  twilio (twilio)\n", "\(sms.output)")
    }
}
