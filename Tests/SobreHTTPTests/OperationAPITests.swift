import JSON
import ServiceLifecycle
import SobreHTTP
import SobreModel
import SobreSQLite
import SobreSettings
import SobreWire
import Testing

@Suite struct OperationAPITests {
    @Test func `A profile is put, read and refused with its field`() async throws {
        try await TestServer.run { server in
            let body =
                "{\"timezone\":\"Europe/Paris\",\"addresses\":[{\"channel\":\"email\",\"address\":\"a@example.com\"}],\"attributes\":{\"x\":1}}"
            let put = try await server.client.send("PUT", "/v1/profiles/ann%20lee", json: body)
            #expect(put.status == 200)
            let shown = try await server.client.send("GET", "/v1/profiles/ann%20lee").json()
            #expect(shown["id"]?.string == "ann lee")
            #expect(shown["addresses"]?[0]?["address"]?.string == "a@example.com")
            #expect(shown["attributes"]?["x"]?.int == 1)
            let zone = try await server.client.send("PUT", "/v1/profiles/ann", json: "{\"timezone\":\"Mars/Base\"}")
            #expect(zone.status == 422)
            #expect(try zone.json()["code"]?.string == "unknown_time_zone")
            let crlf = try await server.client.send(
                "PUT", "/v1/profiles/ann",
                json: "{\"addresses\":[{\"channel\":\"email\",\"address\":\"a@example.com\\r\\nRCPT TO:<b@c.de>\"}]}")
            #expect(crlf.status == 422)
            #expect(try crlf.json()["field"]?.string == "addresses[0].address")
            #expect(try await server.client.send("GET", "/v1/profiles/ann").status == 404)
            let batch = try await server.client.send(
                "POST", "/v1/profiles", headers: [("Content-Type", "application/x-ndjson")],
                body: Array("{\"id\":\"p1\"}\n{\"id\":2}\n".utf8))
            #expect(batch.status == 207)
            #expect(try batch.json()["stored"]?.int == 1)
            let timeline = try await server.client.send("GET", "/v1/profiles/p1/timeline")
            #expect(try timeline.json()["messages"]?.count == 0)
        }
    }

    @Test func `The log is filtered and paged`() async throws {
        try await TestServer.run { server in
            for name in ["ann", "bob", "ann", "ann"] {
                let body = "{\"recipient\":\"\(name)\",\"template\":\"order-confirmed\"}"
                _ = try await server.client.send("POST", "/v1/messages", json: body)
            }
            let all = try await server.client.send("GET", "/v1/log").json()
            #expect(all["entries"]?.count == 4)
            #expect(all["next_before"] == nil)
            let page = try await server.client.send("GET", "/v1/log?recipient=ann&limit=2").json()
            #expect(page["entries"]?.elements.map { $0["recipient"]?.string } == ["ann", "ann"])
            let next = try #require(page["next_before"]?.string)
            let rest = try await server.client.send("GET", "/v1/log?recipient=ann&limit=2&before=\(next)").json()
            #expect(rest["entries"]?.count == 1)
            let none = try await server.client.send("GET", "/v1/log?state=sent,failed&channel=sms").json()
            #expect(none["entries"]?.count == 0)
            let forward = try await server.client.send("GET", "/v1/log?after=0&limit=3").json()
            let sequences = forward["entries"]?.elements.compactMap { $0["sequence"]?.int } ?? []
            #expect(sequences == sequences.sorted() && sequences.count == 3)
            // The cursor of the last entry equals the cursor of the page.
            let cursor = try #require(forward["entries"]?.elements.map { $0 }.last?["cursor"]?.string)
            #expect(forward["next_after"]?.string == cursor)
            let last = try await server.client.send("GET", "/v1/log?after=\(cursor)").json()
            #expect(last["entries"]?.elements.map { $0["recipient"]?.string } == ["ann"])
            let bogus = try await server.client.send("GET", "/v1/log?reason=accepted,bogus")
            #expect(bogus.status == 400)
            #expect(try bogus.json()["field"]?.string == "reason")
            #expect(try bogus.json()["expected"]?.string?.contains("frequency_capped") == true)
            for (wrong, code) in [("abc", "store_cursor"), ("-1", "store_cursor"), ("12%20", "invalid_parameter")] {
                let refused = try await server.client.send("GET", "/v1/log?after=\(wrong)")
                #expect(refused.status == 400)
                #expect(try refused.json()["code"]?.string == code)
            }
        }
    }

    @Test func `The log is followed and resumed`() async throws {
        try await TestServer.run { server in
            let body = "{\"recipient\":\"ann\",\"template\":\"order-confirmed\"}"
            _ = try await server.client.send("POST", "/v1/messages", json: body)
            let client = server.client
            let (ready, signal) = AsyncStream<Void>.makeStream()
            let following = Task {
                try await client.exchange { connection in
                    connection.send("GET /v1/log?follow=true&recipient=bob HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    let head = connection.read(until: ": following")
                    signal.yield()
                    return head + connection.read(until: "\"category\"")
                }
            }
            for await _ in ready { break }
            let other = "{\"recipient\":\"bob\",\"template\":\"order-confirmed\"}"
            _ = try await client.send("POST", "/v1/messages", json: body)
            _ = try await client.send("POST", "/v1/messages", json: other)
            let text = try await following.value
            #expect(
                text.contains("content-type: text/event-stream") || text.contains("Content-Type: text/event-stream"))
            #expect(text.contains("event: entry"))
            #expect(text.contains("\"recipient\":\"bob\""))
            #expect(!text.contains("\"recipient\":\"ann\""))
            let resumed = try await client.exchange { connection in
                connection.send(
                    "GET /v1/log HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nLast-Event-ID: 0\r\n\r\n")
                return connection.read(until: "bob")
            }
            #expect(resumed.contains("id: 1\n"))
            let lost = try await client.exchange { connection in
                connection.send(
                    "GET /v1/log?follow=true HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: elsewhere\r\n\r\n")
                return connection.read(until: "store_cursor")
            }
            #expect(lost.contains("400"))
        }
    }

    @Test func `Followers have a bound, end with the server and free their place`() async throws {
        var limits = HTTPLimits()
        limits.maxFollowers = 1
        try await TestServer.run(limits: limits) { server in
            let client = server.client
            let refused = try await client.exchange { first in
                first.send("GET /v1/log?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
                _ = first.read(until: ": following")
                let second = try RawConnection(port: client.port)
                second.send("GET /v1/log?follow=true HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                return second.readToEnd()
            }
            #expect(try RawResponse(refused).status == 503)
            let (ready, signal) = AsyncStream<Void>.makeStream()
            let last = Task {
                try await client.exchange { connection in
                    // The first follower's slot is free once the server has noticed that its connection is closed.
                    for _ in 0..<1_000 {
                        let next = try RawConnection(port: client.port)
                        next.send("GET /v1/log?follow=true HTTP/1.1\r\nHost: localhost\r\n\r\n")
                        if next.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 200") {
                            signal.yield()
                            return String(decoding: next.readToEnd(), as: UTF8.self)
                        }
                    }
                    signal.yield()
                    return "no place"
                }
            }
            for await _ in ready { break }
            await server.group.triggerGracefulShutdown()
            #expect(try await last.value != "no place")
        }
    }

    @Test func `Suppressions are ordered, listed and lifted`() async throws {
        try await TestServer.run { server in
            let made = try await server.client.send(
                "POST", "/v1/suppressions",
                json:
                    "[{\"recipient\":\"ann\",\"category\":\"marketing\"},{\"channel\":\"email\",\"address\":\"bob@example.com\",\"reason\":\"complaint\"}]"
            )
            #expect(made.status == 201)
            let all = try await server.client.send("GET", "/v1/suppressions")
            #expect(try all.json()["suppressions"]?.count == 2)
            #expect(!all.text.contains("bob@example.com"))
            let ann = try await server.client.send("GET", "/v1/suppressions?recipient=ann").json()
            #expect(ann["suppressions"]?.elements.map { $0["label"]?.string } == ["ann"])
            let lifted = try await server.client.send(
                "DELETE", "/v1/suppressions?channel=email&address=BOB@example.com")
            #expect(try lifted.json()["lifted"]?.int == 1)
            let left = try await server.client.send("GET", "/v1/suppressions").json()
            #expect(left["suppressions"]?.count == 1)
            #expect(try await server.client.send("POST", "/v1/suppressions", json: "{}").status == 422)
            #expect(try await server.client.send("DELETE", "/v1/suppressions").status == 422)
        }
    }

    @Test func `Health and metrics are told`() async throws {
        try await TestServer.run { server in
            #expect(try await server.client.send("GET", "/health/live").status == 200)
            #expect(try await server.client.send("GET", "/health/ready").status == 200)
            _ = try await server.client.send("GET", "/v1/messages/0000000000001")
            let metrics = try await server.client.send("GET", "/metrics")
            #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(metrics.text.contains("# TYPE sobre_http_requests_total counter\n"))
            #expect(
                metrics.text.contains(
                    "sobre_http_requests_total{method=\"GET\",route=\"/v1/messages/{id}\",status=\"404\"} 1\n"))
            #expect(metrics.text.contains("sobre_http_request_seconds_count{"))
        }
        try await TestServer.run { server in
            await server.store.close()
            let ready = try await server.client.send("GET", "/health/ready")
            #expect(ready.status == 503)
            #expect(try ready.json()["detail"]?.string?.contains("closed") == true)
        }
    }

    @Test func `A port that is taken is named`() async throws {
        try await TestServer.run { first in
            let error = await #expect(throws: HTTPServerError.self) {
                try await TestServer.run(port: first.client.port) { _ in }
            }
            #expect(
                error?.description.hasPrefix("Another program is already listening on 127.0.0.1:\(first.client.port)")
                    == true)
        }
    }
}
