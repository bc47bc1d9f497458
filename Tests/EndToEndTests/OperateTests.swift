import ChildProcess
import Glibc
import JSON
import SobreModel
import TestBed
import Testing

/// What an operator relies on: a server that tells the truth about itself, reloads, and does not start on doubtful files.
@Suite("Operation", .serialized)
struct OperateTests {
    private func bed(_ name: String, cap: Int = 3) throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.startSandbox()
        try bed.writeConfiguration(capLimit: cap, capWindow: "1d", resendAfter: "1s")
        return bed
    }

    private func config(_ bed: TestBed) -> [String] { ["--config", "\(bed.folder)/sobre.yaml"] }

    private func doctor(_ bed: TestBed) throws -> (code: Int32, output: String) {
        try bed.run(["doctor"] + config(bed), environment: TestBed.secrets.merging(["COLUMNS": ""]) { $1 })
    }

    private func log(_ bed: TestBed) -> String { Files.read("\(bed.folder)/server.err") ?? "" }

    private func status(_ bed: TestBed) async throws -> JSONRef {
        guard let answer = await bed.client.send("GET", "\(bed.serverURL)/v1/status"), answer.status == 200 else {
            throw TestBed.Failure("no status: \(log(bed).suffix(500))")
        }
        return try answer.json()
    }

    private func wait(_ what: String, _ bed: TestBed, until holds: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if try await holds() { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestBed.Failure("\(what) did not happen: \(log(bed).suffix(1500))")
    }

    private func warnings(_ status: JSONRef) -> [String] { status["warnings"]?.elements.compactMap(\.string) ?? [] }

    private func enqueue(_ keys: [String], _ bed: TestBed, template: String = "receipt") async throws {
        let url = bed.serverURL
        let messages = keys.map {
            TestMessage(
                key: $0, recipient: TestBed.person(1), template: template, category: "transactional",
                channels: ["sms"], dedupKey: $0)
        }
        try await TestBed.enqueue(messages, at: { url }, client: bed.client, journal: Journal())
    }

    @Test("SIGHUP reads templates and the policy at once, and never ends the server")
    func hangUp() async throws {
        let bed = try bed("hangup")
        // Without the signal nothing would be read for an hour.
        try bed.startServer(environment: TestBed.secrets.merging(["SOBRE_MONITOR_RELOAD_INTERVAL": "1h"]) { $1 })
        let text = try #require(Files.read("\(bed.folder)/policy.yaml"))
        try Files.write(text + "\n# changed\n", to: "\(bed.folder)/policy.yaml")
        try Files.write("Broken {% if %}", to: "\(bed.folder)/templates/offer/sms.liquid")
        bed.server?.signal(SIGHUP)
        try await wait("the reload", bed) { try await status(bed)["policy_version"]?.int == 2 }
        #expect(try await status(bed)["broken_templates"]?.elements.compactMap(\.string) == ["offer"])
        #expect(log(bed).contains("SIGHUP"))
        for _ in 0..<5 { bed.server?.signal(SIGHUP) }
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("No level of the log tells a credential or a key")
    func secretsInLogs() async throws {
        let bed = try bed("levels")
        var secrets = ["sandbox-token", "PRIVATE KEY", "AC00000000000000000000000000000001:"]
        for level in ["trace", "debug", "info", "notice", "warning", "error", "critical"] {
            try bed.startServer(environment: TestBed.secrets.merging(["SOBRE_LOG_LEVEL": level]) { $1 })
            let key = try #require(Files.read("\(bed.folder)/data/server.key")).split(separator: "\n")
            secrets += key.map { String($0) }
            try await bed.putProfiles(count: 2)
            try await enqueue(["\(level)-1"], bed)
            try await bed.waitUntilQuiet(atMost: .seconds(20))
            #expect(bed.stopServer() == .exited(code: 0))
        }
        secrets += try #require(Files.read("\(bed.folder)/data/links.key")).split(separator: "\n").map { String($0) }
        #expect(secrets.count == 11)
        let text = log(bed)
        #expect(text.contains(" trace ") && text.contains(" debug "))
        for secret in secrets { #expect(!text.contains(secret), "the log tells \(secret.prefix(12))…") }
    }

    @Test("A policy that is emptied, cut or loosened is refused by the server, its start, check, doctor and status")
    func doubtfulPolicy() async throws {
        let bed = try bed("loosen")
        try bed.startServer(environment: TestBed.secrets)
        let path = "\(bed.folder)/policy.yaml"
        let whole = try #require(Files.read(path))
        let cases: [(text: String, word: String)] = [
            ("", "empty"), ("# nothing\n", "empty"), ("default_timezone: UTC\n", "categories"),
            (whole.replacing("\n    on_cap: drop", with: ""), "cut"),
            ("categories: {marketing: {consent: none}}\n", "caps are gone"),
            (
                whole.replacing("consent: none, fingerprint_window", with: "obeys_caps: false, fingerprint_window"),
                "caps no longer"
            ),
            (whole.replacing("limit: 3", with: "limit: 3000"), "times as much"),
        ]
        for (text, word) in cases {
            try Files.write(text, to: path)
            try await wait("the refusal of \(word)", bed) {
                try await status(bed)["refused_files"]?.elements.contains { $0["why"]?.string?.contains(word) == true }
                    == true
            }
            #expect(try await status(bed)["policy_version"]?.int == 1)
            #expect(try await warnings(status(bed)).contains { $0.contains(word) && $0.contains("sobre policy check") })
            let check = try bed.run(["policy", "check"] + config(bed))
            #expect(check.code == 2)
            #expect(check.output.contains(word.split(separator: " ")[0]), "\(check.output)")
            let doctor = try self.doctor(bed)
            #expect(doctor.code == 1)
            #expect(doctor.output.contains("ERROR   policy"), "\(doctor.output)")
        }
        let metrics = await bed.client.send("GET", "\(bed.serverURL)/metrics")
        #expect(metrics?.text.contains("sobre_files_refused 1") == true)
        #expect(bed.stopServer() == .exited(code: 0))
        let start = try bed.run(["serve"] + config(bed), environment: TestBed.secrets)
        #expect(start.code == 78)
        #expect(start.output.contains("loosens: 1"), "\(start.output)")
        // Asked for, it is put in force.
        try Files.write(whole.replacing("limit: 3", with: "limit: 3000") + "\nloosens: 1\n", to: path)
        #expect(try bed.run(["policy", "check"] + config(bed)).code < 2)
        try bed.startServer(environment: TestBed.secrets)
        #expect(try await status(bed)["policy_version"]?.int == 2)
        #expect(try await status(bed)["refused_files"]?.count == 0)
    }

    @Test("A policy that is written slowly in place is not put in force before it is whole")
    func slowWriter() async throws {
        let bed = try bed("slow", cap: 3)
        try bed.startServer(environment: TestBed.secrets)
        let path = "\(bed.folder)/policy.yaml"
        let next = try #require(Files.read(path)).replacing("limit: 3", with: "limit: 2") + "\ndedup: []\n# end\n"
        let characters = Array(next)
        for length in stride(from: 20, to: characters.count, by: 30) {
            try Files.write(String(characters[..<length]), to: path)
            try await Task.sleep(for: .milliseconds(300))
            #expect(try await status(bed)["policy_version"]?.int == 1)
        }
        try Files.write(next, to: path)
        try await wait("the new policy", bed) { try await status(bed)["policy_version"]?.int == 2 }
        #expect(try await status(bed)["refused_files"]?.count == 0)
    }

    @Test(
        "Messages that cannot be rendered are counted by template, after a restart too, and doctor says so without a server"
    )
    func unrenderable() async throws {
        let bed = try bed("held")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 2)
        try Files.write("About {% if %}", to: "\(bed.folder)/templates/receipt/sms.liquid")
        try await wait("the broken template", bed) { try await status(bed)["broken_templates"]?.count == 1 }
        try await enqueue((1...7).map { "h-\($0)" }, bed)
        let isCounted: (JSONRef) -> Bool = { status in
            status["held"]?.elements.contains {
                $0["reason"]?.string == "render_failed" && $0["template"]?.string == "receipt" && $0["count"]?.int == 7
            } == true
        }
        try await wait("the count", bed) { try await isCounted(status(bed)) }
        let first = try await status(bed)
        #expect(first["backlog"]?.elements.contains { $0["state"]?.string == "held" && $0["count"]?.int == 7 } == true)
        #expect(warnings(first).contains { $0.hasPrefix("7 messages of the template receipt cannot be rendered") })
        let metrics = await bed.client.send("GET", "\(bed.serverURL)/metrics")
        #expect(metrics?.text.contains("sobre_held{reason=\"render_failed\",template=\"receipt\"} 7") == true)
        bed.killServer()
        let doctor = try self.doctor(bed)
        #expect(doctor.code == 1)
        #expect(doctor.output.contains("7 messages of the template receipt cannot be rendered"), "\(doctor.output)")
        try bed.startServer(environment: TestBed.secrets)
        try await wait("the count after the restart", bed) { try await isCounted(status(bed)) }
    }

    @Test("preview --at decides at that time, beside a running server and without one")
    func previewAt() async throws {
        let bed = try TestBed.built("previewat")
        try bed.startSandbox()
        try bed.writeConfiguration(
            policy: """
                quiet_hours:
                  - name: nights
                    applies_to: {category: marketing}
                    hours: [{from: "21:00", to: "08:00"}]
                """)
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 2)
        let preview = [
            "preview", "offer", "--as", TestBed.person(1), "--channel", "sms", "--data", #"{"order_id":"7"}"#,
        ]
        for isRunning in [true, false] {
            if !isRunning { #expect(bed.stopServer() == .exited(code: 0)) }
            let night = try bed.run(preview + ["--at", "2031-03-01T23:00:00Z"] + config(bed))
            #expect(night.output.contains("hold on sms (quiet_hours"), "\(night.output)")
            #expect(night.output.contains("2031-03-02"))
            let noon = try bed.run(preview + ["--at", "2031-03-01T12:00:00Z"] + config(bed))
            #expect(noon.output.contains("would be sent by sms"), "\(noon.output)")
        }
    }

    @Test("The first key is announced, takes effect without a restart, and opens the network")
    func firstKey() async throws {
        let bed = try bed("firstkey")
        try bed.startServer(environment: TestBed.secrets.merging(["SOBRE_SERVER_HOST": "0.0.0.0"]) { $1 })
        let elsewhere = "http://127.0.0.2:\(bed.serverPort)"
        #expect(await bed.client.send("GET", "\(bed.serverURL)/v1/status")?.status == 200)
        #expect(await bed.client.send("GET", "\(elsewhere)/health/live", timeout: .seconds(2)) == nil)
        let made = try bed.run(["keys", "create", "--label", "ops", "--scope", "read"] + config(bed))
        #expect(made.code == 0)
        let lines = made.output.split(separator: "\n")
        #expect(lines.first?.hasPrefix("This is the first key. From now on every client needs one") == true)
        let key = try #require(lines.first { $0.hasPrefix("sobre_") })
        try await wait("listening beyond loopback", bed) {
            await bed.client.send("GET", "\(elsewhere)/health/live", timeout: .seconds(2))?.status == 200
        }
        #expect(await bed.client.send("GET", "\(bed.serverURL)/v1/status")?.status == 401)
        let known = await bed.client.send(
            "GET", "\(elsewhere)/v1/status", headers: [("Authorization", "Bearer \(key)")])
        #expect(known?.status == 200)
        let second = try bed.run(["keys", "create", "--label", "more"] + config(bed))
        #expect(!second.output.contains("first key"))
        #expect(bed.stopServer() == .exited(code: 0))
    }

    @Test("A command does not make a new database in a wrong place unless it is told to")
    func wrongDirectory() async throws {
        let bed = try bed("wrongplace")
        let lines = "\(bed.folder)/messages.ndjson"
        try Files.write(
            #"{"recipient": "ann", "template": "receipt", "channels": ["sms"], "data": {"order_id": "1"}}"#, to: lines)
        for command in [
            ["enqueue", lines], ["profiles", "import", lines], ["suppressions", "add", "--recipient", "ann"],
            ["cancel", "01jd3v8k6m1r0"],
        ] {
            let (code, output) = try bed.run(command + config(bed))
            #expect(code == 66, "\(command): \(output)")
            #expect(output.contains("There are no data in"), "\(output)")
            #expect(output.contains("--create"))
            #expect(!Files.exists("\(bed.folder)/data/sobre.db"))
        }
        let made = try bed.run(["enqueue", lines, "--create"] + config(bed))
        #expect(made.code == 0)
        #expect(made.output.contains("a new database is made there"))
        #expect(made.output.contains("1 message accepted."))
        // A key is made before the first start.
        let key = try bed.run(
            ["keys", "create", "--label", "x"] + config(bed),
            environment: ["SOBRE_DATA_DIRECTORY": "\(bed.folder)/other"])
        #expect(key.code == 0 && key.output.contains("a new database is made there"), "\(key.output)")
    }

    @Test("A write-ahead log that is missing or cut is told at the start, in status and by doctor")
    func lostLog() async throws {
        let bed = try bed("lostlog")
        for damage in ["missing", "cut"] {
            try bed.startServer(environment: TestBed.secrets)
            try await bed.putProfiles(count: 50)
            bed.killServer()
            let log = "\(bed.folder)/data/sobre.db-wal"
            var info = stat()
            #expect(stat(log, &info) == 0 && info.st_size > 20_000)
            if damage == "missing" { Files.remove(log) } else { truncate(log, info.st_size / 3) }
            let doctor = try self.doctor(bed)
            #expect(doctor.code == 1)
            #expect(doctor.output.contains("that were acknowledged"), "\(damage): \(doctor.output)")
            try bed.startServer(environment: TestBed.secrets)
            #expect(self.log(bed).contains("critical data were lost"), "\(damage)")
            #expect(
                try await warnings(status(bed)).contains { $0.contains("sobre.db-wal") && $0.contains("--restored") })
            #expect(bed.stopServer() == .exited(code: 0))
        }
        // Neither an orderly stop nor a crash loses anything.
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 50)
        bed.killServer()
        try bed.startServer(environment: TestBed.secrets)
        #expect(try await warnings(status(bed)).allSatisfy { !$0.contains("sobre.db-wal") })
    }

    @Test("A data directory that others can read is told, and so is a low disk")
    func dataDirectory() async throws {
        let bed = try bed("readable")
        try bed.startServer(environment: TestBed.secrets.merging(["SOBRE_MONITOR_LOW_ROOM": "8192GiB"]) { $1 })
        chmod("\(bed.folder)/data", 0o755)
        let found = try await warnings(status(bed))
        #expect(found.contains { $0.contains("chmod 700") })
        #expect(found.contains { $0.contains("monitor.low_room") && $0.contains("df -h") })
        #expect(try await status(bed)["disk"]?["writable"]?.bool == true)
        #expect(log(bed).contains("the disk is nearly full"))
        let doctor = try self.doctor(bed)
        #expect(doctor.code == 1)
        #expect(doctor.output.contains("chmod 700"))
    }

    @Test("A weak or missing key for links stops the start and the doctor alike; file: begins at the settings' folder")
    func linkKeys() async throws {
        let bed = try bed("linkkey")
        let settings = try #require(Files.read("\(bed.folder)/sobre.yaml"))
        for (secret, word) in [("env:TEST_LINK_KEY", "TEST_LINK_KEY"), ("file:weak.key", "at least 16")] {
            try Files.write("12345\n", to: "\(bed.folder)/weak.key")
            try Files.write(settings + "\nlinks: {secret: \(secret)}\n", to: "\(bed.folder)/sobre.yaml")
            let doctor = try self.doctor(bed)
            #expect(doctor.code == 1)
            #expect(doctor.output.contains("ERROR   links"), "\(doctor.output)")
            #expect(doctor.output.contains(word), "\(doctor.output)")
            let serve = try bed.run(["serve"] + config(bed), environment: TestBed.secrets)
            #expect(serve.code == 78, "\(serve)")
            #expect(serve.output.contains(word), "\(serve.output)")
        }
        try Files.write("0123456789abcdef\n", to: "\(bed.folder)/weak.key")
        try bed.startServer(environment: TestBed.secrets)
        #expect(!Files.exists("\(bed.folder)/data/links.key"))
        #expect(bed.stopServer() == .exited(code: 0))
    }
}
