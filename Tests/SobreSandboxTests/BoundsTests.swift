import Glibc
import JSON
import Testing

@testable import SobreSandbox

@Suite struct BoundsTests {
    @Test func `A body over the limit is rejected before it is read`() async throws {
        try await withSandbox({ $0.maxBodyBytes = 1000 }) { bench in
            let client = try bench.http()
            try client.send("POST /webhook/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n")
            #expect(try client.response().status == 413)
            let chunked = try bench.http()
            try chunked.send("POST /webhook/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
            let chunk = "200\r\n" + String(repeating: "x", count: 512) + "\r\n"
            try chunked.send(chunk + chunk)
            #expect(try chunked.response().status == 413)
            let body = String(repeating: "x", count: 1000)
            #expect(try bench.http().request("POST", "/webhook/a", body: body).status == 200)
            #expect(try bench.received().messages.count == 1)
        }
    }

    @Test func `Unfinished bodies of all connections share one bound`() async throws {
        try await withSandbox({ $0.maxBufferedBytes = 100_000 }) { bench in
            let first = try bench.http()
            try first.send("POST /webhook/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 90001\r\n\r\n")
            try first.send([UInt8](repeating: 0x78, count: 90_000))
            let second = try bench.http()
            // The second must come after the first's bytes have been read. The stats request ensures that order.
            _ = try bench.stats()
            try second.send("POST /webhook/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n")
            try second.send([UInt8](repeating: 0x78, count: 60_000))
            #expect(try second.response().status == 503)
            try first.send("x")
            #expect(try first.response().status == 200)
            let body = String(repeating: "x", count: 60_000)
            #expect(try bench.http().request("POST", "/webhook/a", body: body).status == 200)
        }
    }

    @Test func `Too many or too long header fields are rejected`() async throws {
        try await withSandbox { bench in
            let many = String(repeating: "A: b\r\n", count: 200)
            let long = "A: " + String(repeating: "b", count: 40_000) + "\r\n"
            for field in [many, long] {
                let client = try bench.http()
                try client.send("GET / HTTP/1.1\r\nHost: localhost\r\n" + field + "\r\n")
                #expect(try client.response().status == 400)
            }
        }
    }

    @Test func `A slow client is disconnected on both ports`() async throws {
        try await withSandbox({
            $0.requestTimeoutMilliseconds = 150
            $0.idleTimeoutMilliseconds = 200
        }) { bench in
            let slowBody = try bench.http()
            try slowBody.send("POST /webhook/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nab")
            #expect(try slowBody.response().status == 408)
            let slowHead = try bench.http()
            try slowHead.send("POST /webhook/a HT")
            #expect(try slowHead.rest() == "")
            let idle = try bench.smtp()
            #expect(try idle.reply().code == 421)
            let slowMail = try bench.smtp()
            try slowMail.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nhalf a li")
            for _ in 0..<3 { _ = try slowMail.reply() }
            #expect(try slowMail.reply().code == 421)
            #expect(try slowMail.rest() == "")
            #expect(try bench.received().messages.isEmpty)
            #expect(try bench.stats()["connections"]?["timeouts"]?.int ?? 0 >= 4)
        }
    }

    @Test func `A thousand connections are served and the next one is rejected for now`() async throws {
        try await withSandbox({ $0.maxConnections = 1000 }) { bench in
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            try #require(limit.rlim_max >= 4096, "this test needs 4,096 file descriptors")
            limit.rlim_cur = max(limit.rlim_cur, 4096)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var clients: [TestClient] = []
            for number in 0..<1000 {
                clients.append(try number % 2 == 0 ? bench.http() : bench.smtp())
            }
            for (number, client) in clients.enumerated() where number % 2 == 0 {
                try client.sendRequest("POST", "/webhook/\(number)", body: Array("{}".utf8))
            }
            for (number, client) in clients.enumerated() where number % 2 == 0 {
                #expect(try client.response().status == 200)
            }
            #expect(try bench.http().response().status == 503)
            #expect(try TestClient(port: bench.sandbox.smtpPort).reply().code == 421)
            clients.removeLast(100)
            let received = try bench.received()
            #expect(received.messages.count == 500 && received.messages.map(\.seq) == Array(1...500))
        }
    }

    @Test func `Pipelined requests are answered in order`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "latency=1ms..20ms") }) { bench in
            let client = try bench.http()
            var bytes = ""
            for number in 0..<50 {
                bytes += "POST /webhook/\(number) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
            }
            try client.send(bytes)
            let ids = try (0..<50).map { _ in
                try parsed(client.response().body)["id"]?.string
            }
            let messages = try bench.received().messages
            #expect(messages.map(\.to) == (0..<50).map(String.init))
            #expect(messages.map(\.providerID) == ids)
        }
    }

    @Test func `A client that expects 100-continue gets it`() async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            try client.send(
                "POST /webhook/a HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            #expect(try client.response().status == 100)
            try client.send("{}")
            #expect(try client.response().status == 200)
        }
    }
}
