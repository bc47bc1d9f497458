import JSON
import Signing
import SobreDelivery
import SobreModel
import SobreSettings
import Testing
import Text
import YAMLDocument

@testable import SobreProviders

@Suite("How manifests authorise requests")
struct ManifestAuthTests {
    private static let start = Instant(rfc3339: "2026-03-01T09:08:08Z")!

    /// A provider with an `auth` and what belongs to it. Every secret is named like its variable.
    private static func provider(
        _ auth: String, settings: [String: String] = [:], secrets: [String: String], rules: String? = nil,
        endpoint: String = "https://api.example", path: String = "/m", time: VirtualTime = VirtualTime(start)
    ) throws -> any Provider {
        let names = secrets.keys.sorted()
        let text = """
            manifest: 1
            name: t
            channel: sms
            settings: {\(names.map { "\($0): {secret: true}" }.joined(separator: ", "))}
            endpoint: \(endpoint)
            \(auth)
            request: {path: "\(path)", body: {m: "${msg.text}"}}
            response: {rules: [\(rules ?? "{when: {status: 401}, outcome: auth.refresh}"), {when: {status: 200}, outcome: accepted, id: none}]}
            """
        let manifest = try Manifest.parseAll(text: text, file: "t.yaml")[0]
        let source = SecretSource(environment: { secrets[$0] }, file: { _ in nil })
        return try ProviderFactory(manifests: [manifest], secrets: source, time: time).make(
            ProviderInstance(
                name: "t", type: "t", settings: settings,
                secrets: Dictionary(uniqueKeysWithValues: names.map { ($0, .environment($0)) }))
        ).provider
    }

    private static let message = outbound(.sms(SMSContent(text: "x")), to: "+15005550009")

    @Test func `client credentials are sent in a header, or in the form`() throws {
        let transport = FakeTransport { call in
            call.url.hasSuffix("/token")
                ? .json(200, #"{"access_token":"abc","expires_in":3600}"#) : .json(200, "{}")
        }
        let auth = """
            auth: {type: oauth2_client_credentials, token_url: "https://auth.example/token", client_id: "${secret.id}",
              client_secret: "${secret.key}", scope: send}
            """
        let secrets = ["id": "me", "key": "p w+"]
        let provider = try Self.provider(auth, secrets: secrets)
        for _ in 0..<2 { #expect(send(provider, Self.message, over: transport)?.kind == .accepted) }
        #expect(
            transport.calls.map(\.url) == [
                "https://auth.example/token", "https://api.example/m", "https://api.example/m",
            ])
        let grant = try #require(transport.calls.first)
        #expect(grant.text == "grant_type=client_credentials&scope=send")
        #expect(grant.header("Authorization") == "Basic bWU6cCB3Kw==")
        #expect(transport.calls[1].header("Authorization") == "Bearer abc")

        let other = FakeTransport { call in
            call.url.hasSuffix("/token") ? .json(200, #"{"access_token":"abc"}"#) : .json(200, "{}")
        }
        let inBody = auth.replacing("scope: send", with: "audience: a, credentials: body")
        _ = send(try Self.provider(inBody, secrets: secrets), Self.message, over: other)
        #expect(other.calls.first?.text == "grant_type=client_credentials&client_id=me&client_secret=p+w%2B&audience=a")
        #expect(other.calls.first?.header("Authorization") == nil)
    }

    @Test func `a stale access token of client credentials is renewed`() throws {
        let time = VirtualTime(Self.start)
        let transport = FakeTransport { call in
            if call.url.hasSuffix("/token") {
                return .json(200, #"{"access_token":"a\#(time.now().milliseconds)","expires_in":3600}"#)
            }
            let isStale = call.header("Authorization") == "Bearer a\(Self.start.milliseconds)"
            return isStale && time.now() > Self.start ? .json(401, "{}") : .json(200, "{}")
        }
        let provider = try Self.provider(
            """
            auth: {type: oauth2_client_credentials, token_url: "https://auth.example/token", client_id: "${secret.id}",
              client_secret: "${secret.key}"}
            """, secrets: ["id": "me", "key": "pw"], time: time)
        #expect(send(provider, Self.message, over: transport)?.kind == .accepted)
        time.advance(by: .seconds(60))
        #expect(send(provider, Self.message, over: transport)?.kind == .authRefresh)
        #expect(send(provider, Self.message, over: transport)?.kind == .accepted)
    }

    @Test(arguments: ["RS256", "ES256"])
    func `a token is signed here, and used until it is too old`(algorithm: String) throws {
        let keys = try algorithm == "RS256" ? TestKeys.rsa() : TestKeys.p256()
        let time = VirtualTime(Self.start)
        let transport = FakeTransport { _ in .json(200, "{}") }
        let provider = try Self.provider(
            """
            auth: {type: jwt, alg: \(algorithm), private_key: "${secret.pem}", key_id: "${secret.kid}", scheme: bearer,
              claims: {iss: "${secret.team}"}, lifetime: 1h, reuse: 40m, id: true}
            """, secrets: ["pem": keys.privatePEM, "kid": "K1", "team": "TEAM"], time: time)
        var tokens: [String] = []
        for wait in [Duration.zero, .seconds(2399), .seconds(2)] {
            time.advance(by: wait)
            #expect(send(provider, Self.message, over: transport)?.kind == .accepted)
            tokens.append(try #require(transport.calls.last?.header("Authorization")))
        }
        #expect(tokens[0] == tokens[1] && tokens[1] != tokens[2])
        let parts = tokens[0].dropFirst("bearer ".count).split(separator: ".").map(String.init)
        #expect(tokens[0].hasPrefix("bearer ") && parts.count == 3)
        let header = try JSONDocument.parse(try Base64.decodeURL(parts[0])).root
        #expect(header["alg"]?.string == algorithm && header["kid"]?.string == "K1")
        let claims = try JSONDocument.parse(try Base64.decodeURL(parts[1])).root
        let seconds = Int(Self.start.milliseconds / 1000)
        #expect(claims["iss"]?.string == "TEAM")
        #expect(claims["iat"]?.int == seconds && claims["exp"]?.int == seconds + 3600)
        #expect(claims["jti"]?.string?.count == 32)
        let key = try PublicKey(pem: keys.publicPEM)
        let signature = try Base64.decodeURL(parts[2])
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        let kind = try #require(SignatureAlgorithm(rawValue: algorithm))
        #expect(key.verify(signature, of: signed, with: kind))
        #expect(!key.verify(signature, of: signed + [0], with: kind))
    }

    @Test func `without reuse each request has a token of its own`() throws {
        let transport = FakeTransport { _ in .json(200, "{}") }
        let provider = try Self.provider(
            #"auth: {type: jwt, alg: ES256, private_key: "${secret.pem}", lifetime: 15m, id: true}"#,
            secrets: ["pem": try TestKeys.p256().privatePEM])
        for _ in 0..<2 { _ = send(provider, Self.message, over: transport) }
        #expect(transport.calls[0].header("Authorization") != transport.calls[1].header("Authorization"))
    }

    @Test func `a signed token that worked and is refused is made anew; one that never worked is our account's fault`()
        throws
    {
        let answers = Answers([.json(401, "{}"), .json(200, "{}"), .json(401, "{}")])
        let transport = FakeTransport { _ in answers.next() }
        let provider = try Self.provider(
            #"auth: {type: jwt, alg: ES256, private_key: "${secret.pem}", reuse: 40m, id: true}"#,
            secrets: ["pem": try TestKeys.p256().privatePEM])
        let kinds = (0..<3).map { _ in send(provider, Self.message, over: transport)?.kind }
        #expect(kinds == [.auth, .accepted, .authRefresh])
    }

    @Test func `a key of the wrong type is an error of the set-up`() throws {
        let error = #expect(throws: ProviderError.self) {
            try Self.provider(
                #"auth: {type: jwt, alg: ES256, private_key: "${secret.pem}"}"#,
                secrets: ["pem": try TestKeys.rsa().privatePEM])
        }
        #expect(error?.description.contains("ES256") == true)
    }

    static let azure = """
        auth:
          type: recipe
          let:
            hash: "${request.body | sha256_b64}"
            signed: "${request.method}\\n${request.target}\\n${request.date};${request.host};${let.hash}"
            code: "${let.signed | hmac_sha256_b64(secret.key | unb64)}"
          headers:
            x-ms-date: "${request.date}"
            x-ms-content-sha256: "${let.hash}"
            Authorization: "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=${let.code}"
        """

    /// The expected values were computed by Python's hmac and hashlib.
    @Test func `a recipe signs as Azure does`() throws {
        let transport = FakeTransport { _ in .json(200, "{}") }
        let provider = try Self.provider(
            Self.azure, secrets: ["key": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="],
            endpoint: "https://res.communication.azure.com", path: "/emails:send?api-version=2025-09-01")
        let message = outbound(.sms(SMSContent(text: "ü")), to: "+15005550009")
        #expect(send(provider, message, over: transport)?.kind == .accepted)
        let call = try #require(transport.calls.first)
        #expect(call.text == #"{"m":"ü"}"#)
        #expect(call.header("x-ms-date") == "Sun, 01 Mar 2026 09:08:08 GMT")
        #expect(call.header("x-ms-content-sha256") == Base64.encode(Digest.sha256(#"{"m":"ü"}"#)))
        let signed =
            "POST\n/emails:send?api-version=2025-09-01\nSun, 01 Mar 2026 09:08:08 GMT;"
            + "res.communication.azure.com;\(Base64.encode(Digest.sha256(#"{"m":"ü"}"#)))"
        let code = Base64.encode(HMAC.sha256(Array(signed.utf8), key: Array(0..<32)))
        #expect(code == "ax6jXgSWwyUKiqrOYrWU6LDs7Usdwd7Qo/4nAHBMOY8=")
        #expect(
            call.header("Authorization")
                == "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature=\(code)")
    }

    private static let ovh = """
        clock: {path: /1.0/auth/time, refresh: 10m}
        auth:
          type: recipe
          let:
            scheme: "$1$"
            signed: "${secret.as}+${secret.ck}+${request.method}+${request.url}+${request.body}+${request.timestamp}"
          headers:
            X-Ovh-Timestamp: "${request.timestamp}"
            X-Ovh-Signature: "${let.scheme}${let.signed | sha1_hex}"
        """

    /// The expected signature was computed by Python's hashlib.
    @Test func `a recipe signs as OVH does, with the time of the provider's clock`() throws {
        let time = VirtualTime(Self.start)
        let transport = FakeTransport { call in
            // The provider's clock is 12 s ahead of ours.
            call.method == "GET"
                ? .response(status: 200, headers: [], body: Array("\(time.now().milliseconds / 1000 + 12)\n".utf8))
                : .json(200, "{}")
        }
        let provider = try Self.provider(
            Self.ovh, secrets: ["as": "AS", "ck": "CK"], endpoint: "https://eu.api.ovh.com",
            path: "/1.0/sms/svc/jobs", time: time)
        for wait in [Duration.zero, .seconds(300), .seconds(301)] {
            time.advance(by: wait)
            #expect(send(provider, Self.message, over: transport)?.kind == .accepted)
        }
        #expect(transport.calls.map(\.method) == ["GET", "POST", "POST", "GET", "POST"])
        #expect(transport.calls[0].url == "https://eu.api.ovh.com/1.0/auth/time")
        let stamps = transport.calls.compactMap { $0.header("X-Ovh-Timestamp") }
        #expect(stamps == ["1772356100", "1772356400", "1772356701"])
        #expect(transport.calls[1].header("X-Ovh-Signature") == "$1$b71f7e0c9c3f9406e23db26b7f2f89769cf383f0")
    }

    @Test func `without the provider's time nothing is sent`() throws {
        for (answer, kind) in [
            (HTTPAnswer.json(200, "soon"), Outcome.Kind.transient), (.json(503, ""), .transient),
            (.failure(TransportFault(.unknown, code: 28, "timed out")), .transient), (.json(404, ""), .auth),
        ] {
            let transport = FakeTransport { _ in answer }
            let provider = try Self.provider(Self.ovh, secrets: ["as": "AS", "ck": "CK"])
            let outcome = send(provider, Self.message, over: transport)
            #expect(outcome?.kind == kind && outcome?.kind.proof == .notSent)
            #expect(transport.calls.count == 1)
        }
    }

    static let mistakes: [(yaml: String, words: String)] = [
        ("auth: {type: sigv5}", "did you mean \"sigv4\"?"),
        ("auth: {type: sigv4, service: ses}", "region"),
        ("auth: {type: sigv4, service: s, region: r, access_key: a, secret_kye: b}", "did you mean \"secret_key\"?"),
        ("auth: {type: jwt, alg: HS512, private_key: k}", "HS512"),
        ("auth: {type: jwt, alg: ES256, private_key: k, claims: {exp: x}}", "use lifetime for exp"),
        ("auth: {type: jwt, alg: ES256, private_key: k, lifetime: 10m, reuse: 10m}", "longer than its lifetime"),
        ("auth: {type: recipe, headers: {A: \"${request.bdy}\"}}", "did you mean \"request.body\"?"),
        ("auth: {type: recipe, let: {a: \"${let.b}\", b: x}, headers: {A: x}}", "let.b"),
        ("auth: {type: recipe, headers: {A: \"${msg.text}\"}}", "not known in a signature"),
        ("auth: {type: recipe, headers: {\"A B\": x}}", "not a header's name"),
        ("clock: {path: /t}", "clock has no effect"),
        ("clock: {path: t}\nauth: {type: recipe, headers: {A: x}}", "is not a path"),
        (
            "auth: {type: oauth2_client_credentials, token_url: u, client_id: a, client_secret: b, credentials: cookie}",
            "cookie"
        ),
    ]

    @Test(arguments: mistakes.indices)
    func `an error in how to authorise has a position and a hint`(index: Int) {
        let (yaml, words) = Self.mistakes[index]
        let error = #expect(throws: YAMLError.self) { try Self.provider(yaml, secrets: [:]) }
        #expect(error?.description.contains("t.yaml:") == true, "\(error?.description ?? "")")
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }
}
