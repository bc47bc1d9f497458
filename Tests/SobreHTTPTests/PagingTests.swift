import JSON
import SobreModel
import SobreSQLite
import SobreStore
import Testing

/// Every list that is longer than a page can be read to its end.
@Suite struct PagingTests {
    /// Fills each list with 7 entries and more.
    private func fill(_ server: TestServer) async throws {
        let now = Instant(rfc3339: "2026-03-01T09:00:00Z")!
        let phone = Address(channel: .sms, value: "+12025550123")
        try await server.store.put([Profile(id: "ann", addresses: [phone])])
        for number in 0..<7 {
            let message = #"{"recipient":"ann","template":"order-confirmed","data":{"n":\#(number)}}"#
            _ = try await server.client.send("POST", "/v1/messages", json: message)
            try await server.store.keep(
                unmatched: UnmatchedInboundMessage(
                    receivedAt: now + .seconds(number), channel: .sms, sender: phone.subject, label: phone.masked,
                    provider: nil, words: "words \(number)"), atMost: 100)
        }
        _ = try await server.store.append(
            (0..<7).map { Receipt(provider: "acme", eventID: "e-\($0)", kind: .delivered, at: now) }, maxWaiting: 100)
        for number in 0..<5 {
            _ = try await server.client.send(
                "POST", "/v1/profiles/ann/consents",
                json: #"{"category":"marketing","granted":\#(number % 2 == 0),"source":"s-\#(number)"}"#)
        }
        // Many of one time, of several subjects, and some before and after it.
        try await server.store.suppress(
            (0..<12).map { number in
                Suppression(
                    subject: number % 2 == 0 ? .recipient("ann") : phone.subject, label: "l-\(number)",
                    reason: number % 3 == 0 ? .manual : .unsubscribed, channel: number % 4 < 2 ? nil : .sms,
                    category: number < 6 ? nil : "ca.te_gory-\(number)ü", source: "s",
                    at: now + .seconds(number < 2 ? 0 : number > 9 ? 2 : 1))
            })
    }

    @Test(arguments: [
        ("/v1/receipts?", ["receipts"]), ("/v1/inbound?", ["messages"]), ("/v1/suppressions?", ["suppressions"]),
        ("/v1/suppressions?recipient=ann&", ["suppressions"]),
        ("/v1/suppressions?channel=sms&address=%2B12025550123&", ["suppressions"]),
        ("/v1/profiles/ann/timeline?", ["messages", "consents", "suppressions"]),
    ])
    func `The pages of a list are the list, whatever their size`(path: String, members: [String]) async throws {
        try await TestServer.run { server in
            try await fill(server)
            let whole = try await server.client.send("GET", "\(path)limit=1000").json()
            #expect(whole["next_before"] == nil)
            for limit in [1, 2, 3, 7] {
                var found: [String: [[UInt8]]] = [:]
                var before = ""
                var pages = 0
                repeat {
                    let answer = try await server.client.send("GET", "\(path)limit=\(limit)\(before)")
                    try #require(answer.status == 200, "\(path)limit=\(limit)\(before)")
                    let page = try answer.json()
                    for member in members {
                        let entries = try #require(page[member]?.elements.map { Array($0.rawBytes) })
                        #expect(entries.count <= limit)
                        found[member, default: []] += entries
                    }
                    let next = page["next_before"].flatMap { $0.string ?? $0.int.map { String($0) } }
                    before = next.map { "&before=\($0)" } ?? ""
                    pages += 1
                } while !before.isEmpty && pages < 30
                #expect(pages < 30)
                for member in members {
                    let expected = try #require(whole[member]?.elements.map { Array($0.rawBytes) })
                    #expect(expected.count >= 4 && found[member] == expected, "\(path) \(member) by \(limit)")
                }
            }
        }
    }

    @Test(arguments: [
        "/v1/receipts", "/v1/inbound", "/v1/suppressions", "/v1/profiles/ann/timeline",
    ])
    func `A cursor that is none is refused`(path: String) async throws {
        try await TestServer.run { server in
            try await server.store.put([Profile(id: "ann")])
            for text in [
                "x", "-1", "1.2", "1.2.3.4.5", "1.2.-3", "1.2.9.manual.", "1.2.0.manual.%FF", "9223372036854775808",
            ] {
                let answer = try await server.client.send("GET", "\(path)?before=\(text)")
                #expect(answer.status == 400, "\(path) \(text)")
                #expect(try answer.json()["field"]?.string == "before", "\(path) \(text)")
            }
        }
    }
}
