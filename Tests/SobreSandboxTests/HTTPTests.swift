import JSON
import Testing

@testable import SobreSandbox
import Text

@Suite struct HTTPTests {
    @Test func `A Twilio message is queued, and its row has the hints from the callback's query`() async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            let body =
                "To=%2B12025550123&From=%2B12025550100&Body=Hello+%E2%82%AC%26&StatusCallback="
                + percentEncoded("https://x.test/cb?sobre_id=m-7&sobre_recipient=p%2D2&sobre_category=marketing")
            let response = try client.request("POST", twilioPath, twilioHeaders(), body: body)
            #expect(response.status == 201)
            let answer = try parsed(response.body)
            let sid = try #require(answer["sid"]?.string)
            #expect(sid.hasPrefix("SM") && sid.count == 34 && sid.dropFirst(2).allSatisfy(\.isHexDigit))
            #expect(answer["status"]?.string == "queued")
            let message = try #require(try bench.received().messages.first)
            #expect(message.channel == .sms && message.provider == "twilio" && message.providerID == sid)
            #expect(message.to == "+12025550123" && message.from == "+12025550100" && message.text == "Hello €&")
            #expect(message.reference == "m-7" && message.person == "p-2" && message.category == "marketing")
            #expect(message.accepted && message.answered && message.status == 201)
        }
    }

    @Test(
        arguments: [
            ("To=%2B15005550001&From=1234&Body=x", 400, 21211), ("To=%2B15005550002&From=1234&Body=x", 400, 21612),
            ("To=%2B15005550003&From=1234&Body=x", 400, 21408), ("To=%2B15005550004&From=1234&Body=x", 400, 21610),
            ("To=%2B15005550009&From=1234&Body=x", 400, 21614), ("To=12025550123&From=1234&Body=x", 400, 21211),
            ("From=1234&Body=x", 400, 21604), ("To=%2B12025550123&Body=x", 400, 21603),
            ("To=%2B12025550123&From=1234", 400, 21602), ("%%%=&&&=", 400, 21604),
        ])
    func `A Twilio message that cannot be sent is rejected with Twilio's code`(
        body: String, status: Int, code: Int
    ) async throws {
        try await withSandbox { bench in
            let response = try bench.http().request("POST", twilioPath, twilioHeaders(), body: body)
            #expect(response.status == status)
            #expect(try parsed(response.body)["code"]?.int == code)
            let message = try #require(try bench.received().messages.first)
            #expect(!message.accepted && message.answered && message.status == status)
        }
    }

    @Test(
        arguments: [
            [], ["Authorization: Basic " + base64("AC2:secret")], ["Authorization: Basic " + base64("AC1:")],
            ["Authorization: Bearer x"], ["Authorization: Basic ***"],
        ])
    func `Twilio requires the account's own credentials`(headers: [String]) async throws {
        try await withSandbox { bench in
            let body = "To=%2B12025550123&From=1234&Body=x"
            let response = try bench.http().request("POST", twilioPath, headers, body: body)
            #expect(response.status == 401)
            #expect(try parsed(response.body)["code"]?.int == 20003)
        }
    }

    @Test func `FCM accepts a message only with a token that this sandbox issued`() async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            let token = try issueToken(client)
            let body = """
                {"message":{"token":"device-1","notification":{"title":"Hi","body":"There"},
                "data":{"sobre_id":"m-9","sobre_recipient":"p-3","sobre_campaign":"c","sobre_possible_duplicate":"1"}}}
                """
            let path = "/v1/projects/demo/messages:send"
            let taken = try client.request("POST", path, ["Authorization: Bearer \(token)"], body: body)
            #expect(taken.status == 200)
            let name = try #require(try parsed(taken.body)["name"]?.string)
            #expect(name.hasPrefix("projects/demo/messages/0:"))
            let refused = try client.request("POST", path, ["Authorization: Bearer nobody"], body: body)
            #expect(refused.status == 401)
            #expect(try parsed(refused.body)["error"]?["status"]?.string == "UNAUTHENTICATED")
            let messages = try bench.received().messages
            #expect(messages.map(\.accepted) == [true, false])
            #expect(messages[0].to == "device-1" && messages[0].title == "Hi" && messages[0].text == "There")
            #expect(messages[0].reference == "m-9" && messages[0].person == "p-3" && messages[0].possibleDuplicate)
            #expect(messages[0].providerID == name)
        }
    }

    @Test(
        arguments: [
            (#"{"message":{"token":"unregistered-1"}}"#, 404, "UNREGISTERED"),
            (#"{"message":{"token":"invalid-1"}}"#, 400, "INVALID_ARGUMENT"),
            (#"{"message":{"token":"a","topic":"b"}}"#, 400, "INVALID_ARGUMENT"),
            (#"{"message":{"token":"a","data":{"k":1}}}"#, 400, "INVALID_ARGUMENT"),
            (#"{"message":"#, 400, "INVALID_ARGUMENT"), (#"{}"#, 400, "INVALID_ARGUMENT"),
            (String(repeating: "[", count: 100), 400, "INVALID_ARGUMENT"),
        ])
    func `FCM rejects invalid messages with its error code`(body: String, status: Int, code: String) async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            let headers = ["Authorization: Bearer \(try issueToken(client))"]
            let response = try client.request("POST", "/v1/projects/demo/messages:send", headers, body: body)
            #expect(response.status == status)
            let error = try parsed(response.body)["error"]
            #expect(error?["details"]?[0]?["errorCode"]?.string == code)
            #expect(try bench.received().messages.map(\.accepted) == [false])
        }
    }

    @Test(
        arguments: [
            "grant_type=password&assertion=a.b.c", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer",
            "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=e30.e30.eA",
            "%00%ff", "",
        ])
    func `The token endpoint rejects anything but a signed assertion`(body: String) async throws {
        try await withSandbox { bench in
            let response = try bench.http().request("POST", "/token", body: body)
            #expect(response.status == 400)
            #expect(try parsed(response.body)["error_description"]?.string?.isEmpty == false)
        }
    }

    @Test func `A webhook with the right signature is accepted, with a wrong or stale one rejected`() async throws {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        try await withSandbox({ $0.webhookSecret = secret }) { bench in
            let client = try bench.http()
            let body = #"{"type":"order","to":"desk","data":{"sobre_recipient":"p-4","text":"x"}}"#
            func headers(at seconds: Int64, signed: String) -> [String] {
                let key = Base64.decodeAny(secret.dropFirst(6).utf8)!
                let code = SHA256.authenticationCode(Array("id-1.\(seconds).\(signed)".utf8), key: key)
                return [
                    "webhook-id: id-1", "webhook-timestamp: \(seconds)",
                    "webhook-signature: v1,AAAA v1,\(Base64.encode(code))",
                ]
            }
            let now = realMilliseconds() / 1000
            let good = headers(at: now, signed: body)
            #expect(try client.request("POST", "/webhook/orders", good, body: body).status == 200)
            #expect(try client.request("POST", "/webhook/orders", good, body: body + " ").status == 401)
            let stale = headers(at: now - 3600, signed: body)
            #expect(try client.request("POST", "/webhook/orders", stale, body: body).status == 401)
            #expect(try client.request("POST", "/webhook/orders", body: body).status == 401)
            // With the virtual clock set to that hour, the timestamp is current.
            let clock = "{\"now\":\((now - 3600) * 1000)}"
            #expect(try client.request("POST", "/_sandbox/clock", body: clock).status == 200)
            #expect(try client.request("POST", "/webhook/orders", stale, body: body).status == 200)
            let messages = try bench.received().messages
            #expect(messages.map(\.accepted) == [true, false, false, false, true])
            #expect(messages[0].to == "desk" && messages[0].person == "p-4" && messages[0].reference == "id-1")
        }
    }

    @Test func `No webhook is accepted with the signature of another body, whatever bytes the two share`()
        async throws
    {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        try await withSandbox({ $0.webhookSecret = secret }) { bench in
            let client = try bench.http()
            let seconds = realMilliseconds() / 1000
            let key = Base64.decodeAny(secret.dropFirst(6).utf8)!
            var accepted: [Int] = []
            // A check that only looks at some of the bytes accepts one of a few hundred.
            for number in 0..<2000 {
                let code = SHA256.authenticationCode(Array("id-\(number).\(seconds).{}".utf8), key: key)
                let headers = [
                    "webhook-id: id-\(number)", "webhook-timestamp: \(seconds)",
                    "webhook-signature: v1,\(Base64.encode(code))",
                ]
                let response = try client.request("POST", "/webhook/orders", headers, body: "{ }")
                if response.status != 401 { accepted.append(number) }
            }
            #expect(accepted == [])
        }
    }

    @Test func `A webhook with a channel is listed under it in the lists, the counts and the page`()
        async throws
    {
        try await withSandbox { bench in
            let client = try bench.http()
            for (channel, to) in [("sms", "+12025550123"), ("push", "token"), ("email", "a@b.test"), ("fax", "9")] {
                let body = """
                    {"channel":"\(channel)","to":"\(to)","text":"x","metadata":{"sobre_recipient":"p-\(channel)"}}
                    """
                #expect(try client.request("POST", "/webhook/any", body: body).status == 200)
            }
            let messages = try bench.received().messages
            #expect(messages.map(\.channel) == [.sms, .push, .email, .webhook])
            #expect(messages.allSatisfy { $0.provider == "webhook" })
            #expect(messages.map(\.person) == ["p-sms", "p-push", "p-email", "p-fax"])
            let list = try parsed(client.request("GET", "/_sandbox/messages?channel=sms").body)["messages"]
            #expect(list?.count == 1 && list?[0]?["to"]?.string == "+12025550123")
            let counts = try bench.stats()["channels"]
            #expect(["email", "sms", "push", "webhook"].map { counts?[$0]?["accepted"]?.int } == [1, 1, 1, 1])
            #expect(try client.request("GET", "/?channel=push").text.contains("class=\"channel push\""))
            #expect(SandboxTable.messages(messages).contains(" sms "))
        }
    }

    @Test func `SHA-256 and its HMAC give the published values`() {
        func text(_ bytes: [UInt8]) -> String { bytes.map { hex(UInt64($0), digits: 2) }.joined() }
        #expect(text(SHA256.digest([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let long = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(text(SHA256.digest(long)) == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        // RFC 4231 §4.3.
        let code = SHA256.authenticationCode(Array("what do ya want for nothing?".utf8), key: Array("Jefe".utf8))
        #expect(text(code) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func `An unknown path is answered with a problem that lists the routes`() async throws {
        try await withSandbox { bench in
            let client = try bench.http()
            let requests = [("GET", "/nothing"), ("DELETE", "/"), ("POST", "/v1/projects//messages"), ("GET", "//")]
            for (method, path) in requests {
                let response = try client.request(method, path)
                #expect(response.status == 404)
                #expect(response.headers["content-type"] == "application/problem+json")
                #expect(try parsed(response.body)["detail"]?.string?.contains("/webhook/") == true)
            }
            #expect(try bench.received().messages.isEmpty)
        }
    }
}
