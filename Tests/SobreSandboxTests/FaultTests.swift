import Glibc
import JSON
import Testing

@testable import SobreSandbox

@Suite struct FaultTests {
    static let body = "To=%2B12025550123&From=1234&Body=x&sobre_id=m"

    @Test func `429 has Retry-After and the message is not accepted`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "429=100%,retry-after=3s") }) { bench in
            let client = try bench.http()
            let response = try client.request("POST", twilioPath, twilioHeaders(), body: Self.body)
            #expect(response.status == 429 && response.headers["retry-after"] == "3")
            #expect(try parsed(response.body)["code"]?.int == 20429)
            let push = try client.request("POST", "/v1/projects/p/messages:send", body: "{}")
            let error = try parsed(push.body)["error"]
            #expect(push.status == 429 && error?["details"]?[0]?["errorCode"]?.string == "QUOTA_EXCEEDED")
            #expect(try client.request("POST", "/webhook/a", body: "{}").status == 429)
            let messages = try bench.received().messages
            #expect(messages.map(\.accepted) == [false, false, false] && messages.allSatisfy(\.answered))
            #expect(messages[0].fault == "429" && messages[0].status == 429 && messages[0].providerID == nil)
        }
    }

    @Test func `A server error is one of four, and the message is not accepted`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "5xx=1") }) { bench in
            let client = try bench.http()
            var seen: Set<Int> = []
            for _ in 0..<40 {
                seen.insert(try client.request("POST", twilioPath, twilioHeaders(), body: Self.body).status)
            }
            #expect(seen == [500, 502, 503, 504])
            #expect(try bench.received().accepted.isEmpty)
        }
    }

    @Test func `After a reset the message is recorded as accepted and unanswered`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "reset=100%") }) { bench in
            let client = try bench.http()
            try client.sendRequest("POST", twilioPath, twilioHeaders(), body: Array(Self.body.utf8))
            #expect(throws: TestClient.Failure.system("recv", ECONNRESET)) { try client.rest() }
            let mail = try bench.smtp()
            try mail.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nMessage-ID: <1@x>\r\n\r\nhi\r\n.\r\n")
            #expect(throws: TestClient.Failure.system("recv", ECONNRESET)) { try mail.rest() }
            let messages = try bench.received().messages
            #expect(messages.map(\.accepted) == [true, true] && messages.map(\.answered) == [false, false])
            #expect(messages.map(\.reference) == ["m", "<1@x>"] && messages.allSatisfy { $0.fault == "reset" })
        }
    }

    @Test func `Garbage is a 200 that is not JSON, and the message is accepted`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "garbage=100%") }) { bench in
            let response = try bench.http().request("POST", twilioPath, twilioHeaders(), body: Self.body)
            #expect(response.status == 200)
            #expect(throws: JSONError.self) { try JSONDocument.parse(response.body) }
            #expect(try bench.received().messages.map(\.accepted) == [true])
        }
    }

    @Test func `A hanging endpoint accepts the message and gives no answer until its timeout`() async throws {
        try await withSandbox({
            $0.faults = try FaultPlan(parsing: "hang=100%")
            $0.hangTimeoutMilliseconds = 300
        }) { bench in
            let client = try bench.http()
            try client.sendRequest("POST", twilioPath, twilioHeaders(), body: Array(Self.body.utf8))
            let mail = try bench.smtp()
            try mail.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n\r\nhi\r\n.\r\n")
            let received = try bench.waitForRecord { $0.messages.count == 2 }
            #expect(received.messages.map(\.accepted) == [true, true])
            #expect(received.messages.map(\.answered) == [false, false])
            #expect(try client.rest() == "")
            #expect(try mail.rest().hasSuffix("354 End data with <CR><LF>.<CR><LF>\r\n"))
        }
    }

    @Test func `A dropped connection is closed without a response`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "drop=100%") }) { bench in
            let mail = try TestClient(port: bench.sandbox.smtpPort)
            #expect(try mail.rest() == "")
            #expect(try bench.http().rest() == "")
            #expect(try await bench.sandbox.messages().isEmpty)
        }
    }

    @Test func `Latency delays the answer, and the row is written before it`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "latency=300ms") }) { bench in
            let client = try bench.http()
            let mail = try bench.smtp()
            let start = monotonicMilliseconds()
            try client.sendRequest("POST", twilioPath, twilioHeaders(), body: Array(Self.body.utf8))
            try mail.send("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n\r\nhi\r\n.\r\nNOOP\r\n")
            let received = try bench.waitForRecord { $0.messages.count == 2 }
            #expect(monotonicMilliseconds() - start < 290, "the record came only with the answer")
            #expect(received.messages.allSatisfy { $0.delayMilliseconds == 300 })
            #expect(try client.response().status == 201)
            let codes = try (0..<5).map { _ in try mail.reply().code }
            #expect(codes == [250, 250, 354, 250, 250])
            #expect(monotonicMilliseconds() - start >= 300)
        }
    }

    @Test func `A message whose client disconnected before its late answer is recorded as unanswered`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "latency=200ms") }) { bench in
            let client = try bench.http()
            try client.sendRequest("POST", twilioPath, twilioHeaders(), body: Array(Self.body.utf8))
            let before = try bench.waitForRecord { $0.messages.count == 1 }
            #expect(before.messages.first?.answered == true)
            client.close()
            let after = try bench.waitForRecord { $0.messages.first?.answered == false }
            #expect(after.messages.map(\.answered) == [false] && after.messages.map(\.accepted) == [true])
            let list = try parsed(bench.http().request("GET", "/_sandbox/messages").body)
            #expect(list["messages"]?[0]?["answered"]?.bool == false)
            let sms = try bench.stats()["channels"]?["sms"]
            #expect(sms?["answered"]?.int == 0 && sms?["accepted"]?.int == 1)
        }
    }

    @Test func `SMTP answers 421 to MAIL and 451 to single recipients`() async throws {
        try await withSandbox { bench in
            try bench.setFaults(#"{"421": 1}"#)
            let first = try bench.smtp()
            #expect(try first.command("MAIL FROM:<a@b.test>").code == 421)
            #expect(try first.rest() == "")
            try bench.setFaults(#"{"rcpt4xx": 0.5, "seed": 11}"#)
            let second = try bench.smtp()
            try second.command("MAIL FROM:<a@b.test>")
            var accepted: [String] = []
            for number in 0..<40 where try second.command("RCPT TO:<r\(number)@d.test>").code == 250 {
                accepted.append("r\(number)@d.test")
            }
            #expect(accepted.count > 8 && accepted.count < 32)
            try second.command("DATA")
            #expect(try second.command("\r\nhi\r\n.").code == 250)
            #expect(try bench.received().messages.map(\.to) == accepted)
            #expect(try bench.stats()["faults"]?["rcpt4xx"]?.int == 40 - accepted.count)
        }
    }

    @Test func `One seed makes the same messages fail in two runs`() async throws {
        func run() async throws -> [Int] {
            var statuses: [Int] = []
            try await withSandbox({
                $0.faults = try FaultPlan(parsing: "429=20%,5xx=20%")
                $0.seed = 42
            }) { bench in
                let client = try bench.http()
                for _ in 0..<100 {
                    statuses.append(try client.request("POST", twilioPath, twilioHeaders(), body: Self.body).status)
                }
            }
            return statuses
        }
        let first = try await run()
        #expect(try await run() == first)
        #expect(Set(first).count > 3)
    }

    @Test func `A new plan replaces the previous one, and an invalid one changes nothing`() async throws {
        try await withSandbox({ $0.faults = try FaultPlan(parsing: "429=100%") }) { bench in
            let client = try bench.http()
            let wrong = try client.request("POST", "/_sandbox/faults", body: #"{"428": 1}"#)
            #expect(wrong.status == 400 && wrong.text.contains("not known"))
            #expect(try client.request("POST", "/_sandbox/faults", body: "nonsense").status == 400)
            #expect(try client.request("POST", "/webhook/a", body: "{}").status == 429)
            try bench.setFaults("{}")
            #expect(try client.request("POST", "/webhook/a", body: "{}").status == 200)
        }
    }
}

func monotonicMilliseconds() -> Int {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
}
