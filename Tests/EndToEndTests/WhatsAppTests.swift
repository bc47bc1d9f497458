import JSON
import SobreSandbox
import TestBed
import Testing

/// WhatsApp messages from the request to the provider, with the real server and sandbox.
@Suite("WhatsApp", .serialized)
struct WhatsAppTests {
    private static let number = "+12025550142"

    /// A server with a provider for WhatsApp and templates with WhatsApp content.
    private func bed(_ name: String, limit: Int) async throws -> TestBed {
        let bed = try TestBed.built(name)
        try bed.startSandbox()
        try bed.writeConfiguration(
            policy: """
                  news: {consent: opt_in}
                caps:
                  - { name: marketing-cap, applies_to: { category: marketing }, limit: \(limit), window: 1d, on_cap: drop }
                """)
        let settings = Files.read("\(bed.folder)/sobre.yaml") ?? ""
        try Files.write(
            settings + """

                  chat:
                    type: webhook
                    channel: whatsapp
                    settings: {url: "\(bed.sandboxURL)/webhook/chat"}
                """, to: "\(bed.folder)/sobre.yaml")
        try Self.writeTemplate(
            "chat", "About order {{ order_id }}, {{ customer.first_name }}.\n", in: bed)
        try Self.writeTemplate(
            "approved",
            """
            template: order_update
            language: en_US
            parameter.1: {{ customer.first_name }}
            parameter.order: {{ order_id }}
            ---
            Order {{ order_id }} is on its way.
            """, in: bed)
        try Files.makeFolder("\(bed.folder)/templates/approved/fr")
        try Files.write(
            "template: order_update\nlanguage: fr\nparameter.1: {{ customer.first_name }}\n---\n",
            to: "\(bed.folder)/templates/approved/fr/whatsapp.liquid")
        try bed.startServer(environment: TestBed.secrets)
        try await put(bed, "ann", locale: "en-US")
        return bed
    }

    private static func writeTemplate(_ name: String, _ words: String, in bed: TestBed) throws {
        let folder = "\(bed.folder)/templates/\(name)"
        try Files.makeFolder(folder)
        try Files.write(
            "name: \(name)\nchannels: [whatsapp]\nwhatsapp: {from: \"+12025550100\"}\n",
            to: "\(folder)/template.yaml")
        try Files.write(words, to: "\(folder)/whatsapp.liquid")
        try Files.makeFolder("\(folder)/samples")
        try Files.write(
            """
            {"profile": {"id": "s", "locale": "en-US", "attributes": {"first_name": "Ann"},
             "addresses": [{"channel": "whatsapp", "address": "\(number)"}]}, "data": {"order_id": "17"}}
            """, to: "\(folder)/samples/ann.json")
    }

    private func put(_ bed: TestBed, _ id: String, locale: String, consents: String = "") async throws {
        let body = """
            {"id": "\(id)", "locale": "\(locale)", "attributes": {"first_name": "Ann"},
             "addresses": [{"channel": "whatsapp", "address": "\(Self.number)"},
                           {"channel": "sms", "address": "\(Self.number)"}], "consents": [\(consents)]}
            """
        let answer = await bed.client.send("PUT", "\(bed.serverURL)/v1/profiles/\(id)", body: Array(body.utf8))
        try #require(answer.map { (200...299).contains($0.status) } == true, "\(answer?.text ?? "no answer")")
    }

    /// Sends one message and returns its final state.
    private func send(
        _ bed: TestBed, _ order: String, _ template: String = "chat", category: String = "marketing",
        channels: String = "whatsapp"
    ) async throws -> (state: String?, reason: String?) {
        let body = """
            {"recipient": "ann", "template": "\(template)", "category": "\(category)", "campaign": "\(order)",
             "channels": ["\(channels)"], "data": {"order_id": "\(order)"}}
            """
        let answer = await bed.client.send("POST", "\(bed.serverURL)/v1/messages", body: Array(body.utf8))
        let root = try #require(try answer?.json())
        let id = try #require(
            root["id"]?.string ?? root["results"]?[0]?["id"]?.string, "\(answer?.text ?? "no answer")")
        try await bed.waitUntilQuiet(atMost: .seconds(20))
        let delivery = try await bed.client.send("GET", "\(bed.serverURL)/v1/messages/\(id)")?.json()["deliveries"]?[0]
        return (delivery?["state"]?.string, delivery?["reason"]?.string)
    }

    private func received(_ bed: TestBed) throws -> [ReceivedMessage] {
        try ReceivedMessages.load(bed.recordFile).accepted.filter { $0.channel == .whatsapp }
    }

    @Test("A text arrives as text, an approved template by name, language and parameters")
    func sent() async throws {
        let bed = try await bed("whatsapp-sent", limit: 100)
        #expect(try await send(bed, "1").state == "sent")
        #expect(try await send(bed, "2", "approved").state == "sent")
        try await put(bed, "ann", locale: "fr-CA")
        #expect(try await send(bed, "3", "approved").state == "sent")
        let messages = try received(bed)
        #expect(messages.map(\.to) == [Self.number, Self.number, Self.number])
        #expect(messages.map(\.from) == Array(repeating: "+12025550100", count: 3))
        #expect(messages.first?.text == "About order 1, Ann.")
        #expect(messages.map(\.title) == ["", "order_update (en_US) 1=Ann order=2", "order_update (fr) 1=Ann"])
        let (code, list) = try bed.run([
            "sandbox", "messages", "--channel", "whatsapp", "--directory", "\(bed.folder)/sandbox",
        ])
        #expect(code == 0 && list.contains("order_update"), "\(list)")
    }

    @Test("Caps count over all channels, and what needs consent is refused without it")
    func refused() async throws {
        let bed = try await bed("whatsapp-refused", limit: 2)
        #expect(try await send(bed, "1", "offer", channels: "sms").state == "sent")
        #expect(try await send(bed, "2").state == "sent")
        let third = try await send(bed, "3")
        #expect(third.state == "dropped" && third.reason == "frequency_capped")
        let news = try await send(bed, "4", category: "news")
        #expect(news.state == "dropped" && news.reason == "no_consent")
        try await put(
            bed, "ann", locale: "en", consents: #"{"category": "news", "channel": "sms", "granted": true}"#)
        #expect(try await send(bed, "5", category: "news").reason == "no_consent")
        try await put(
            bed, "ann", locale: "en", consents: #"{"category": "news", "channel": "whatsapp", "granted": true}"#)
        #expect(try await send(bed, "6", category: "news").state == "sent")
        #expect(try received(bed).count == 2)
    }

    @Test("STOP from the number ends WhatsApp to it and leaves SMS; START takes it up again")
    func stop() async throws {
        let bed = try await bed("whatsapp-stop", limit: 100)
        let path = "\(bed.serverURL)/v1/inbound/whatsapp"
        let form = "From=whatsapp%3A%2B12025550142&To=whatsapp%3A%2B12025550100&Body=Stop"
        let stopped = await bed.client.send(
            "POST", path, body: Array(form.utf8), type: "application/x-www-form-urlencoded")
        #expect(stopped?.status == 200)
        let refused = try await send(bed, "1")
        #expect(refused.state == "dropped" && refused.reason == "suppressed")
        #expect(try await send(bed, "2", "offer", channels: "sms").state == "sent")
        let start = #"{"from": "\#(Self.number)", "text": "START"}"#
        #expect(await bed.client.send("POST", path, body: Array(start.utf8))?.status == 200)
        #expect(try await send(bed, "3").state == "sent")
        let (_, history) = try bed.run([
            "suppressions", "history", "--channel", "whatsapp", "--address", Self.number, "--config",
            "\(bed.folder)/sobre.yaml",
        ])
        #expect(history.contains("stopped") && history.contains("lifted"), "\(history)")
        let unheard = await bed.client.send("POST", "\(bed.serverURL)/v1/inbound/email", body: Array(start.utf8))
        #expect(unheard?.status == 404)
    }

    @Test("The preview shows text and template, and the simulation counts the channel")
    func tools() async throws {
        let bed = try await bed("whatsapp-tools", limit: 1)
        let config = ["--config", "\(bed.folder)/sobre.yaml"]
        let (code, text) = try bed.run(["preview", "chat", "--as", "sample:ann"] + config)
        #expect(code == 0 && text.contains("WHATSAPP") && text.contains("About order 17, Ann."), "\(text)")
        let (_, approved) = try bed.run(["preview", "approved", "--as", "sample:ann"] + config)
        #expect(approved.contains("order_update") && approved.contains("1=Ann order=17"), "\(approved)")
        let (_, json) = try bed.run(["preview", "approved", "--as", "sample:ann", "--format", "json"] + config)
        let part = try JSONDocument.parse(json).root["channels"]?[0]
        #expect(part?["template_name"]?.string == "order_update" && part?["template_language"]?.string == "en_US")
        #expect(part?["parameters"]?["order"]?.string == "17")
        let requests = (1...3).map { number in
            """
            {"recipient": "ann", "template": "chat", "campaign": "c\(number)", "category": "marketing",
             "channels": ["whatsapp"], "send_at": "2026-03-0\(number)T12:00:00Z", "data": {"order_id": "1"}}
            """.replacing("\n", with: "")
        }
        try Files.write(requests.joined(separator: "\n") + "\n", to: "\(bed.folder)/requests.ndjson")
        try Files.write(
            """
            categories: { marketing: { consent: none } }
            caps: [{ name: weekly, limit: 1, window: 7d, on_cap: drop }]
            """, to: "\(bed.folder)/try.yaml")
        let (simulated, report) = try bed.run(
            [
                "simulate", "--policy", "\(bed.folder)/try.yaml", "--format", "json", "\(bed.folder)/requests.ndjson",
            ] + config)
        #expect(simulated == 0, "\(report)")
        let after = try JSONDocument.parse(report).root["after"]?["total"]
        #expect(after?["sent_by_whatsapp"]?.int == 1 && after?["dropped"]?.int == 2, "\(report)")
    }
}
