import JSON
import SobreHTTP
import SobreModel
import SobreSettings
import SobreWire
import Testing

@Suite struct BadInputTests {
    @Test(
        "Bad bodies are problems with a code, a place and a sentence",
        arguments: [
            ("{\"recipient\":\"a\",", 400, "invalid_json", ""), ("", 400, "invalid_json", ""),
            ("{} x", 400, "invalid_json", ""),
            ("{\"recipient\":\"a\",\"recipient\":\"b\"}", 400, "invalid_json", "recipient"),
            ("{\"recipient\":\"a\",\"template\":\"order-confimred\"}", 422, "unknown_template", "template"),
            ("{\"recipient\":5,\"template\":\"thank-you\"}", 422, "wrong_type", "recipient"),
            ("\"text\"", 422, "wrong_type", ""), ("{\"template\":\"thank-you\"}", 422, "missing_field", "recipient"),
            ("{\"recipient\":\"a\\r\\nBcc: x\",\"template\":\"thank-you\"}", 422, "invalid_value", "recipient"),
            ("{\"recipient\":\"a\",\"template\":\"thank-you\",\"campain\":\"x\"}", 422, "unknown_key", "campain"),
            ("{\"recipient\":\"\\ud800\"}", 400, "invalid_json", "recipient"),
        ] as [(String, Int, String, String)])
    func bodies(_ body: String, _ status: Int, _ code: String, _ field: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.send("POST", "/v1/messages", json: body)
            #expect(answer.status == status)
            #expect(answer.headers["content-type"] == "application/problem+json")
            let json = try answer.json()
            #expect(json["code"]?.string == code)
            #expect(json["status"]?.int == status)
            #expect(json["type"]?.string == "urn:sobre:problem:\(code)")
            #expect((json["field"]?.string ?? "") == field)
            #expect(json["detail"]?.string?.hasSuffix(".") == true)
        }
    }

    @Test func `Bytes that are not UTF-8 and a depth of 100,000 are refused`() async throws {
        try await TestServer.run { server in
            let headers = [("Content-Type", "application/json")]
            let latin = Array("{\"recipient\":\"Ren".utf8) + [0xE9] + Array("\",\"template\":\"thank-you\"}".utf8)
            let first = try await server.client.send("POST", "/v1/messages", headers: headers, body: latin)
            #expect(first.status == 400)
            #expect(try first.json()["column"]?.int == 18)
            let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
            let second = try await server.client.send("POST", "/v1/messages", headers: headers, body: deep)
            #expect(second.status == 400)
            #expect(try second.json()["detail"]?.string?.contains("nested deeper") == true)
            let lines = deep + [0x0A]
            let third = try await server.client.send(
                "POST", "/v1/messages", headers: [("Content-Type", "application/x-ndjson")], body: lines)
            #expect(third.status == 422)
        }
    }

    @Test func `Twenty megabytes are refused before they are read`() async throws {
        try await TestServer.run { server in
            let answer = try await server.client.exchange { connection in
                connection.send(
                    "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20971520\r\n\r\n"
                )
                // The request is rejected by its Content-Length, before any of the body was sent.
                return connection.read(until: "\"body_too_large\"")
            }
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(answer.lowercased().contains("connection: close"))
            // A client that sends the whole body before it reads gets the same answer.
            let body = [UInt8](repeating: 0x20, count: 20 << 20)
            let stubborn = try await server.client.send("POST", "/v1/messages", body: body)
            #expect(stubborn.status == 413)
            #expect(try await server.client.send("GET", "/health/live").status == 200)
        }
    }

    @Test func `A body in chunks is bounded too`() async throws {
        var limits = HTTPLimits()
        limits.maxBatchBytes = 100_000
        limits.maxBodyBytes = 10_000
        try await TestServer.run(limits: limits) { server in
            let chunk = "2710\r\n" + String(repeating: " ", count: 10_000) + "\r\n"
            let answer = try await server.client.exchange { connection in
                connection.send("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
                for _ in 0..<200 { connection.send(chunk) }
                return connection.readToEnd()
            }
            #expect(try RawResponse(answer).status == 413)
            // A single message has a lower limit than a batch.
            let single = try await server.client.send(
                "POST", "/v1/messages", json: "{\"x\":\"\(String(repeating: "y", count: 20_000))\"}")
            #expect(single.status == 413)
        }
    }

    @Test func `All bodies together are bounded, apart from small ones`() async throws {
        var limits = HTTPLimits()
        limits.maxBufferedBytes = 1_000
        try await TestServer.run(limits: limits) { server in
            let body =
                "{\"recipient\":\"a\",\"template\":\"thank-you\",\"data\":{\"x\":\"\(String(repeating: "y", count: 20_000))\"}}"
            let busy = try await server.client.send("POST", "/v1/messages", json: body)
            #expect(busy.status == 503)
            #expect(busy.headers["retry-after"] == "1")
            // Rejected requests release the memory they reserved.
            for _ in 0..<20 {
                let answer = try await server.client.send(
                    "POST", "/v1/messages", json: "{\"recipient\":\"a\",\"template\":\"thank-you\"}")
                #expect(answer.status == 202)
            }
        }
    }

    @Test func `Headers are bounded in bytes and number`() async throws {
        try await TestServer.run { server in
            let long = try await server.client.send(
                "GET", "/health/live", headers: [("X-Long", String(repeating: "x", count: 17_000))])
            #expect(long.status == 431)
            #expect(try long.json()["code"]?.string == "headers_too_large")
            let many = try await server.client.send("GET", "/health/live", headers: (0..<110).map { ("X-\($0)", "x") })
            #expect(many.status == 431)
            let fine = try await server.client.send("GET", "/health/live", headers: (0..<90).map { ("X-\($0)", "x") })
            #expect(fine.status == 200)
        }
    }

    @Test(
        "What is not HTTP is answered once and closed",
        arguments: [
            "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
            "POST /v1/messages HTTP/1.1\r\nContent-Length: abc\r\n\r\n",
            "POST /v1/messages HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
            "GET /health/live HTTP/1.1\r\nBad Name: x\r\n\r\n",
        ])
    func garbage(_ text: String) async throws {
        try await TestServer.run { server in
            let answer = try await server.client.exchange { connection in
                connection.send(text)
                return connection.readToEnd()
            }
            if !answer.isEmpty { #expect(try RawResponse(answer).status == 400) }
            #expect(try await server.client.send("GET", "/health/live").status == 200)
        }
    }

    @Test func `A client that is slow with its header or body is not waited for`() async throws {
        var limits = HTTPLimits()
        // Long enough for a loaded machine, so that a complete header does not time out.
        limits.headerTimeout = .seconds(3)
        limits.bodyTimeout = .seconds(1)
        limits.idleTimeout = .seconds(1)
        limits.lingerTimeout = .milliseconds(200)
        try await TestServer.run(limits: limits) { server in
            let silent = try await server.client.exchange { connection in
                connection.send("GET /health/li")
                return connection.readToEnd()
            }
            #expect(silent.isEmpty)
            let halting = try await server.client.exchange { connection in
                connection.send("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"rec")
                return connection.readToEnd()
            }
            let answer = try RawResponse(halting)
            #expect(answer.status == 408)
            #expect(try answer.json()["code"]?.string == "body_timeout")
            let idle = try await server.client.exchange { connection in
                connection.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                return connection.readToEnd()
            }
            #expect(try RawResponse(idle).status == 200)
        }
    }

    @Test func `Leave to send is given, and a connection serves many requests`() async throws {
        try await TestServer.run { server in
            let body = "{\"recipient\":\"a\",\"template\":\"thank-you\"}"
            let answers = try await server.client.exchange { connection in
                connection.send(
                    "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
                )
                let leave = connection.read(until: "\r\n\r\n")
                connection.send(body)
                let first = connection.read(until: "}")
                connection.send(
                    "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                )
                return [leave, first, String(decoding: connection.readToEnd(), as: UTF8.self)]
            }
            #expect(answers[0].hasPrefix("HTTP/1.1 100"))
            #expect(answers[1].hasPrefix("HTTP/1.1 202"))
            #expect(answers[2].split(separator: "HTTP/1.1 200").count == 2)
        }
    }

    @Test func `Wrong media, parameters and routes are named`() async throws {
        try await TestServer.run { server in
            let form = try await server.client.send(
                "POST", "/v1/messages", headers: [("Content-Type", "application/x-www-form-urlencoded")], body: [0x61])
            #expect(form.status == 415)
            let brotli = try await server.client.send(
                "POST", "/v1/messages", headers: [("Content-Encoding", "br")], body: [0x1F, 0x8B])
            #expect(brotli.status == 415)
            for (path, field) in [
                ("/v1/log?sate=sent", "sate"), ("/v1/log?state=snet", "state"), ("/v1/log?limit=0", "limit"),
                ("/v1/log?since=yesterday", "since"), ("/v1/log?channel=fax", "channel"),
                ("/v1/log?limit=1&limit=2", "limit"),
            ] {
                let answer = try await server.client.send("GET", path)
                #expect(answer.status == 400, "\(path)")
                #expect(try answer.json()["field"]?.string == field, "\(path)")
            }
            let nowhere = try await server.client.send("GET", "/v2/messages")
            #expect(nowhere.status == 404)
            #expect(try nowhere.json()["code"]?.string == "no_such_route")
            #expect(try await server.client.send("GET", "/v1/profiles/%zz").status == 400)
        }
    }

    @Test func `A connection beyond the bound takes the place of an idle one`() async throws {
        var limits = HTTPLimits()
        limits.maxConnections = 2
        try await TestServer.run(limits: limits) { server in
            let answer = try await server.client.exchange { [client = server.client] first in
                first.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                let one = first.read(until: "}")
                let last: String
                do {
                    let second = try RawConnection(port: client.port)
                    second.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    _ = second.read(until: "}")
                    let third = try RawConnection(port: client.port)
                    third.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    second.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    _ = second.readToEnd()
                    last = third.read(until: "}")
                }
                return one + last
            }
            #expect(answer.split(separator: "HTTP/1.1 200").count == 2)
        }
    }
}
