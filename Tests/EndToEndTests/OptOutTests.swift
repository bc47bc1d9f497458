import JSON
import SobreModel
import SobreSandbox
import TestBed
import Testing

/// Opt-outs, from the link in the email to the next message, which must not be sent.
@Suite("People who say no", .serialized)
struct OptOutTests {
    private func bed(_ name: String) async throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.startSandbox(more: ["--bodies"])
        try bed.writeConfiguration(capLimit: 100, capWindow: "1d", resendAfter: "1s")
        try bed.startServer(environment: TestBed.secrets)
        try await bed.putProfiles(count: 4)
        return bed
    }

    /// Sends one message and returns its final state.
    private func send(
        _ bed: TestBed, _ key: String, _ template: String = "offer", _ channel: String = "email"
    ) async throws -> (state: String?, reason: String?) {
        let journal = Journal()
        let url = bed.serverURL
        let category = template == "offer" ? "marketing" : "transactional"
        let message = TestMessage(
            key: key, recipient: TestBed.person(1), template: template, category: category, channels: [channel],
            dedupKey: key)
        try await TestBed.enqueue([message], at: { url }, client: bed.client, journal: journal)
        try await bed.waitUntilQuiet(atMost: .seconds(20))
        let id = try #require(journal.ids[key])
        let answer = await bed.client.send("GET", "\(url)/v1/messages/\(id)")
        let delivery = try answer?.json()["deliveries"]?[0]
        return (delivery?["state"]?.string, delivery?["reason"]?.string)
    }

    /// The unsubscribe link in an email that the sandbox has stored.
    private func unsubscribeLink(_ key: String, _ bed: TestBed) throws -> String {
        let folder = "\(bed.folder)/sandbox/bodies"
        for name in try Files.list(folder) where name.hasSuffix(".eml") {
            guard let mail = Files.read("\(folder)/\(name)"), mail.contains("Subject: Order \(key)") else { continue }
            // A header may be folded. A URL contains no spaces.
            let unfolded = mail.replacing("\r\n ", with: "").replacing("\r\n\t", with: "")
            let lines = unfolded.split(separator: "\r\n", omittingEmptySubsequences: false).prefix { !$0.isEmpty }
            #expect(lines.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"))
            let header = try #require(lines.first { $0.lowercased().hasPrefix("list-unsubscribe:") })
            let path = try #require(header.split(separator: "/u/").last).prefix { $0 != ">" }
            return "\(bed.serverURL)/u/\(path)"
        }
        throw TestBed.Failure("there is no mail for \(key)")
    }

    @Test("The link of a mail: opening it changes nothing, one click ends marketing and leaves transactional mail")
    func oneClick() async throws {
        let bed = try await bed("one-click")
        #expect(try await send(bed, "u-1").state == "sent")
        let link = try unsubscribeLink("u-1", bed)
        for _ in 0..<3 {
            let page = await bed.client.send("GET", link)
            #expect(page?.status == 200)
            #expect(page?.text.contains("Nothing has changed yet") == true)
        }
        #expect(try await send(bed, "u-2").state == "sent")
        let done = await bed.client.send(
            "POST", link, body: Array("List-Unsubscribe=One-Click".utf8), type: "application/x-www-form-urlencoded")
        #expect(done?.status == 200)
        let next = try await send(bed, "u-3")
        #expect(next.state == "dropped" && next.reason == "suppressed")
        #expect(try await send(bed, "u-4", "receipt").state == "sent")
        #expect(try await send(bed, "u-5", "offer", "sms").state == "sent")
        // The suppression is listed with its source.
        let (code, output) = try bed.run(
            ["suppressions", "list", "--recipient", TestBed.person(1), "--config", "\(bed.folder)/sobre.yaml"])
        #expect(code == 0 && output.contains("unsubscribed") && output.contains("link"))
        // The suppression holds after a restart, and the link still works.
        bed.stopServer()
        try bed.startServer(environment: TestBed.secrets)
        #expect(try await send(bed, "u-6").reason == "suppressed")
        let again = await bed.client.send("POST", link.replacing(/http:\/\/127.0.0.1:\d+/, with: bed.serverURL))
        #expect(again?.status == 200)
        let received = try ReceivedMessages.load(bed.recordFile).accepted
        #expect(received.filter { $0.channel == .email }.map(\.title) == ["Order u-1", "Order u-2", "Order u-4"])
    }

    @Test("STOP by SMS ends SMS to the number at once, START takes it up again")
    func stopWord() async throws {
        let bed = try await bed("stop-word")
        #expect(try await send(bed, "s-1", "offer", "sms").state == "sent")
        let number = "+12021000001"
        func say(_ text: String) async {
            let body = "{\"from\":\"\(number)\",\"text\":\"\(text)\"}"
            let answer = await bed.client.send("POST", "\(bed.serverURL)/v1/inbound/sms", body: Array(body.utf8))
            #expect(answer?.status == 200)
        }
        await say("Stop!")
        #expect(try await send(bed, "s-2", "offer", "sms").reason == "suppressed")
        #expect(try await send(bed, "s-3", "receipt", "sms").reason == "suppressed")
        #expect(try await send(bed, "s-4", "offer", "email").state == "sent")
        // The timeline shows the suppression and its source, with the number masked.
        let story = ["timeline", TestBed.person(1), "--format", "json", "--config", "\(bed.folder)/sobre.yaml"]
        let stopped = try bed.run(story).output
        let lines = try stopped.split(separator: "\n").map { try JSONDocument.parse(String($0)).root }
        #expect(lines.count == 5 && lines[1]["suppression"]?["reason"]?.string == "stop_keyword", "\(stopped)")
        #expect(lines[1]["suppression"]?["evidence"]?.string?.contains("Stop!") == true && !stopped.contains(number))
        await say("START")
        #expect(try await send(bed, "s-5", "offer", "sms").state == "sent")
        // The history afterwards shows both the STOP and the START, in order.
        let after = try bed.run(story).output.split(separator: "\n").map { try JSONDocument.parse(String($0)).root }
        let kinds = after.map { $0["suppression"]?["change"]?.string ?? "message" }
        #expect(kinds == ["message", "set", "message", "message", "message", "lifted", "message"])
        let who = ["suppressions", "history", "--channel", "sms", "--address", number]
        let (_, told) = try bed.run(who + ["--config", "\(bed.folder)/sobre.yaml"])
        let rows = told.split(separator: "\n")
        #expect(rows.count == 3 && rows[1].contains("stopped") && rows[2].contains("lifted"), "\(told)")
        #expect(rows.allSatisfy { $0.count <= 80 } && !told.contains(number), "\(told)")
        #expect(after.last { $0["suppression"] != nil }?["suppression"]?["evidence"]?.string == "SMS: START")
    }

    @Test("People, consents and suppressions are imported, merged, exported and erased by the commands")
    func commands() async throws {
        let bed = try await bed("people")
        let config = ["--config", "\(bed.folder)/sobre.yaml"]
        try Files.write(
            """
            {"id":"ann","addresses":[{"channel":"email","address":"ann@people.example"}]}
            {"id":"anon-1","addresses":[{"channel":"sms","address":"+12025550177"}],"attributes":{"visits":3}}
            {"id":"bad","timezone":"Mars/Base"}
            """, to: "\(bed.folder)/people.ndjson")
        let (code, output) = try bed.run(["profiles", "import", "\(bed.folder)/people.ndjson"] + config)
        #expect(code == 1 && output.contains("line 3") && output.contains("timezone"), "\(output)")
        let (merged, words) = try bed.run(["profiles", "merge", "anon-1", "ann"] + config)
        #expect(merged == 0 && words.contains("anon-1 is now ann."), "\(words)")
        #expect(try bed.run(["profiles", "merge", "ann", "anon-1"] + config).code == 1)
        let (_, shown) = try bed.run(["profiles", "show", "anon-1"] + config)
        #expect(shown.contains("\"id\": \"ann\"") && shown.contains("+12025550177"))

        let set = ["consents", "set", "anon-1", "--category", "news", "--refused", "--evidence", "call 17"]
        #expect(try bed.run(set + config).code == 0)
        let (_, consents) = try bed.run(["consents", "list", "ann"] + config)
        #expect(consents.contains("call 17") && consents.contains("in force"), "\(consents)")
        let (_, story) = try bed.run(["timeline", "anon-1"] + config)
        #expect(story.contains("refused") && story.contains("cli: call 17"), "\(story)")

        try Files.write(
            "channel,address,reason\nemail,eve@people.example,complaint\nsms,12,manual\n",
            to: "\(bed.folder)/stop.csv")
        let (imported, problems) = try bed.run(["suppressions", "import", "\(bed.folder)/stop.csv"] + config)
        #expect(imported == 1 && problems.contains("line 3") && problems.contains("address"), "\(problems)")
        let csv = "\(bed.folder)/out.csv"
        #expect(try bed.run(["suppressions", "export", csv] + config).code == 0)
        let exported = try #require(Files.read(csv))
        #expect(exported.contains("complaint") && !exported.contains("eve@people"), "\(exported)")
        #expect(try bed.run(["suppressions", "import", csv] + config).code == 0)

        let people = "\(bed.folder)/out.ndjson"
        #expect(try bed.run(["profiles", "export", people] + config).code == 0)
        #expect(Files.read(people)?.split(separator: "\n").count == 5)
        #expect(try bed.run(["profiles", "import", people] + config).code == 0)
        let history = "\(bed.folder)/consents.ndjson"
        #expect(try bed.run(["consents", "export", history] + config).code == 0)
        #expect(try bed.run(["consents", "import", history] + config).code == 0)
        // A full disk has its own exit status and an error that says what to do, for a file and for standard output.
        let full = try bed.run(["profiles", "export", "/dev/full"] + config)
        #expect(full.code == 74 && full.output.contains("/dev/full: no space is left"), "\(full)")
        let piped = try bed.run(["profiles", "export", "-"] + config, to: "/dev/full")
        #expect(piped.code == 74 && piped.output.contains("standard output: no space is left"), "\(piped)")

        #expect(try bed.run(["profiles", "erase", "ann"] + config).code == 64)
        #expect(try bed.run(["profiles", "erase", "ann", "--yes"] + config).code == 0)
        #expect(try bed.run(["profiles", "show", "anon-1"] + config).code == 1)
        // The commands also work without a server.
        bed.stopServer()
        #expect(try bed.run(["profiles", "merge", TestBed.person(0), TestBed.person(1)] + config).code == 0)
        #expect(
            try bed.run(["consents", "set", TestBed.person(0), "--category", "news", "--granted"] + config).code == 0)
        #expect(try bed.run(["profiles", "erase", TestBed.person(2), "--yes"] + config).code == 0)
    }

    @Test("A port that is taken ends the server with 69 and says what to do")
    func portTaken() async throws {
        let bed = try await bed("port")
        let other = try TestBed(executable: bed.executable, folder: try Files.temporaryFolder("port-2"))
        try other.writeConfiguration(capLimit: 1, capWindow: "1d", resendAfter: "1s")
        let (code, output) = try other.run(
            ["serve", "--config", "\(other.folder)/sobre.yaml"],
            environment: TestBed.secrets.merging(["SOBRE_SERVER_PORT": "\(bed.serverPort)"]) { $1 })
        #expect(code == 69)
        #expect(output.contains("choose another port with server.port"), "\(output)")
    }
}
