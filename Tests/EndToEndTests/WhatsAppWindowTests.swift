import JSON
import SobreModel
import SobreSandbox
import TestBed
import Testing

/// WhatsApp's window for free texts, opened by Meta's own webhook, with the real server and sandbox.
@Suite("WhatsApp's window", .serialized)
struct WhatsAppWindowTests {
    private static let number = "+12025550142"

    /// A server whose WhatsApp goes to the sandbox's Twilio, and which also hears Meta's webhook.
    private func bed(_ name: String) async throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.startSandbox()
        try bed.writeConfiguration(policy: "caps: []")
        let settings = Files.read("\(bed.folder)/sobre.yaml") ?? ""
        try Files.write(
            settings + """

                  chat:
                    type: twilio-whatsapp
                    settings: {endpoint: "\(bed.sandboxURL)", from: "+12025550100", trace_headers: false}
                    secrets: {account_sid: env:TEST_TWILIO_SID, auth_token: env:TEST_TWILIO_TOKEN}
                  meta:
                    type: whatsapp-cloud
                    settings: {phone_number_id: "1065"}
                    secrets: {access_token: env:META_TOKEN, app_secret: env:META_SECRET, verify_token: env:META_VERIFY}
                routes: {whatsapp: [chat]}
                """, to: "\(bed.folder)/sobre.yaml")
        for (template, words) in [("chat", "Hello.\n"), ("approved", "template: HX1\nlanguage: en\n---\n")] {
            let folder = "\(bed.folder)/templates/\(template)"
            try Files.makeFolder(folder)
            try Files.write("name: \(template)\nchannels: [whatsapp]\n", to: "\(folder)/template.yaml")
            try Files.write(words, to: "\(folder)/whatsapp.liquid")
        }
        try bed.startServer(
            environment: TestBed.secrets.merging(
                ["META_TOKEN": "t", "META_SECRET": "app-s3cret", "META_VERIFY": "verify-me"]) { $1 })
        let profile = #"{"id": "ann", "addresses": [{"channel": "whatsapp", "address": "\#(Self.number)"}]}"#
        let answer = await bed.client.send("PUT", "\(bed.serverURL)/v1/profiles/ann", body: Array(profile.utf8))
        try #require(answer.map { (200...299).contains($0.status) } == true, "\(answer?.text ?? "no answer")")
        return bed
    }

    private static func request(_ template: String) -> [UInt8] {
        Array(
            #"{"recipient": "ann", "template": "\#(template)", "category": "transactional", "channels": ["whatsapp"]}"#
                .utf8)
    }

    /// Sends one message and returns it.
    private func send(_ bed: TestBed, _ template: String) async throws -> (id: String, state: String, reason: String) {
        let answer = await bed.client.send("POST", "\(bed.serverURL)/v1/messages", body: Self.request(template))
        let id = try #require(try answer?.json()["id"]?.string, "\(answer?.text ?? "no answer")")
        try await bed.waitUntilQuiet(atMost: .seconds(20))
        let found = try await bed.client.send("GET", "\(bed.serverURL)/v1/messages/\(id)")?.json()["deliveries"]?[0]
        return (id, found?["state"]?.string ?? "", found?["reason"]?.string ?? "")
    }

    private func webhook(_ bed: TestBed, text: String, status: String = "", secret: String = "app-s3cret") async throws
        -> (status: Int, text: String)
    {
        let time = SystemTime().now().milliseconds / 1_000
        let statuses = status.isEmpty ? "" : #","statuses":[{"id":"wamid.S","status":"\#(status)"}]"#
        let body = Array(
            #"""
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{
            "messaging_product":"whatsapp","metadata":{"display_phone_number":"12025550100","phone_number_id":"1065"},
            "contacts":[{"wa_id":"12025550142"}],"messages":[{"from":"12025550142","id":"wamid.M","timestamp":"\#(time)",
            "type":"text","text":{"body":"\#(text)"}}]\#(statuses)}}]}]}
            """#.utf8)
        let answer = await bed.client.send(
            "POST", "\(bed.serverURL)/v1/receipts/meta", body: body,
            headers: [TestBed.metaSignature(of: body, secret: secret)])
        return (answer?.status ?? 0, answer?.text ?? "")
    }

    @Test("A free text waits for a message of the recipient, which comes by Meta's webhook; a template goes at once")
    func window() async throws {
        let bed = try await bed("whatsapp-window")
        let config = ["--config", "\(bed.folder)/sobre.yaml"]
        let closed = try await send(bed, "chat")
        #expect(closed.state == "dropped" && closed.reason == "window_closed")
        let (_, explained) = try bed.run(["explain", closed.id] + config)
        #expect(explained.contains("window closed") && explained.contains("has not written yet"), "\(explained)")
        let dry = try await bed.client.send(
            "POST", "\(bed.serverURL)/v1/decisions", body: Self.request("chat"))?.json()["decisions"]?[0]
        #expect(dry?["verdict"]?.string == "drop" && dry?["reason"]?.string == "window_closed")
        #expect(try await send(bed, "approved").state == "sent")
        // Whoever cannot sign opens nothing.
        #expect(try await webhook(bed, text: "Hello", secret: "other").status == 401)
        #expect(try await send(bed, "chat").reason == "window_closed")

        let heard = try await webhook(bed, text: "Hello", status: "delivered")
        #expect(heard.status == 200 && heard.text.contains(#""messages":1"#), "\(heard.text)")
        #expect(heard.text.contains(#""received":1"#), "\(heard.text)")
        let open = try await bed.client.send(
            "POST", "\(bed.serverURL)/v1/decisions", body: Self.request("chat"))?.json()["decisions"]?[0]
        #expect(open?["verdict"]?.string == "send", "\(open?.rawBytes.count ?? 0)")
        #expect(try await send(bed, "chat").state == "sent")
        let messages = try ReceivedMessages.load(bed.recordFile).accepted.filter { $0.channel == .whatsapp }
        #expect(messages.map(\.title) == ["HX1", ""] && messages.map(\.to) == [Self.number, Self.number])
        let (_, unread) = try bed.run(["inbound"] + config)
        #expect(unread.contains("Hello"), "\(unread)")

        // A preview beside the stopped server reads the same facts.
        bed.stopServer()
        let (_, preview) = try bed.run(["preview", "chat", "--as", "ann"] + config)
        #expect(preview.contains("would be sent by whatsapp") && !preview.contains("window_closed"), "\(preview)")
    }

    @Test("STOP by Meta's webhook ends WhatsApp, START takes it up again")
    func stop() async throws {
        let bed = try await bed("whatsapp-meta-stop")
        #expect(try await webhook(bed, text: "Stop, please").status == 200)
        #expect(try await send(bed, "approved").reason == "suppressed")
        #expect(try await webhook(bed, text: "START").status == 200)
        #expect(try await send(bed, "chat").state == "sent")
    }

    @Test("Meta confirms the webhook's URL with the token that was entered there")
    func handshake() async throws {
        let bed = try await bed("whatsapp-handshake")
        let url = "\(bed.serverURL)/v1/receipts/meta?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
        let confirmed = await bed.client.send("GET", url + "verify-me")
        #expect(confirmed?.status == 200 && confirmed?.text == "1158201444")
        #expect(await bed.client.send("GET", url + "verify-you")?.status == 401)
    }
}
