import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

/// Forged, changed, late and repeated receipts, for every shipped manifest that has receipts.
@Suite("Receipts of every provider: forged, late and repeated") struct ReceiptDefenceTests {
    private static let manifests = (try? shippedManifests()) ?? []
    private static let names = SignedReceipts.all.keys.sorted()
    private static let now = SignedReceipts.now

    private func gate(_ name: String, _ signer: SignedReceipts) throws -> ReceiptGate {
        let manifest = try #require(Self.manifests.first { $0.name == name })
        let source = SecretSource(
            environment: { signer.secrets[$0] ?? ($0 == "private_key" ? SignedReceipts.rsa.privatePEM : "s3cret") },
            file: { _ in nil })
        var settings = ["callback_url": SignedReceipts.url]
        var secrets: [String: SecretReference] = [:]
        for setting in manifest.settings {
            if setting.isSecret, !setting.isOptional || signer.secrets[setting.name] != nil {
                secrets[setting.name] = .environment(setting.name)
            }
            if !setting.isSecret, !setting.isOptional, setting.fallback == nil {
                settings[setting.name] = setting.name == "url" ? "https://x.example" : "x"
            }
        }
        settings.merge(signer.settings) { $1 }
        let transport = FakeTransport { _ in
            .response(status: 200, headers: [], body: Array(SignedReceipts.certificate.utf8))
        }
        return try ProviderFactory(manifests: Self.manifests, secrets: source).receiptGate(
            ProviderInstance(
                name: name, type: name, channel: manifest.channels.sorted().first, settings: settings,
                secrets: secrets),
            transport: transport)
    }

    /// The manifest's examples of receipts that say something, signed as the vendor signs them.
    private func examples(_ name: String, _ signer: SignedReceipts) throws -> [ReceiptRequest] {
        let manifest = try #require(Self.manifests.first { $0.name == name })
        return try manifest.examples.compactMap { example in
            guard case .receipt(let request, let expected, _) = example.sample, !expected.isEmpty else { return nil }
            return try signer.sign(request)
        }
    }

    private func code(_ gate: ReceiptGate, _ request: ReceiptRequest, at time: Instant = now) -> ReceiptRefusal.Code? {
        ReceiptVerifierTests.code(gate, request, at: time)
    }

    @Test func `Every manifest with receipts in the provider's own form is in the table`() {
        let own = Self.manifests.filter { $0.receipts?.format != nil }.map(\.name).sorted()
        #expect(own == Self.names)
        // Standard Webhooks, with the instance's own secret: see ReceiptTests.
        #expect(Self.manifests.filter { $0.receipts != nil && $0.receipts?.format == nil }.map(\.name) == ["webhook"])
    }

    @Test(arguments: names)
    func `One flipped byte is refused`(name: String) throws {
        let signer = try #require(SignedReceipts.all[name])
        let examples = try examples(name, signer)
        #expect(examples.count >= 2)
        for request in examples {
            // A gate of its own, because a token vouches for one body.
            let gate = try gate(name, signer)
            #expect(code(gate, request) == nil)
            var refused = 0
            for changed in flips(request, signer.cover) {
                let code = code(gate, changed)
                let body = String(decoding: changed.body, as: UTF8.self)
                #expect(code != nil, "\(body) \(changed.query) \(changed.headers)")
                refused += code == nil ? 0 : 1
            }
            #expect(refused > 0)
        }
    }

    /// A request with one bit of one byte changed, for each byte that is covered.
    private func flips(_ request: ReceiptRequest, _ cover: SignedReceipts.Cover) -> [ReceiptRequest] {
        func flip(_ text: String, from start: Int = 0) -> [String] {
            let bytes = Array(text.utf8)
            return bytes.indices.dropFirst(start).map { index in
                var changed = bytes
                changed[index] ^= 1
                return String(decoding: changed, as: UTF8.self)
            }
        }
        func with(_ change: (inout ReceiptRequest) -> Void) -> ReceiptRequest {
            var request = request
            change(&request)
            return request
        }
        switch cover {
        case .body, .token:
            // Of an SNS message, the text inside is covered, and not where its certificate is named.
            let end = request.body.firstRange(of: Array(#"","MessageId""#.utf8))?.lowerBound ?? request.body.count
            let start = end < request.body.count ? Array(#"{"Message":""#.utf8).count : 0
            return (start..<end).map { index in with { $0.body[index] ^= 1 } }
        case .query: return flip(request.query).map { query in with { $0.query = query } }
        case .credential:
            if let header = request.headers["authorization"] {
                return flip(header).map { header in with { $0.headers["authorization"] = header } }
            }
            let place = request.query.firstRange(of: "token=").map {
                request.query.utf8.distance(from: request.query.startIndex, to: $0.lowerBound)
            }
            return flip(request.query, from: place ?? 0).map { query in with { $0.query = query } }
        }
    }

    @Test(arguments: names)
    func `A stale time is refused where the vendor signs one`(name: String) throws {
        let signer = try #require(SignedReceipts.all[name])
        for request in try examples(name, signer) {
            let gate = try gate(name, signer)
            guard let maxAge = signer.maxAge else {
                #expect(code(gate, request, at: Self.now + .seconds(3_600)) == nil)
                continue
            }
            for age in [maxAge - .seconds(1), .zero - maxAge + .seconds(1)] {
                #expect(code(gate, request, at: Self.now + age) == nil, "\(age)")
            }
            for age in [maxAge + .seconds(1), .zero - maxAge - .seconds(1)] {
                #expect(code(gate, request, at: Self.now + age) == .timestamp, "\(age)")
            }
        }
    }

    /// The store counts receipts of one provider with one event id once.
    @Test(arguments: names)
    func `A replay is the same event, whenever it arrives`(name: String) throws {
        let signer = try #require(SignedReceipts.all[name])
        let gate = try gate(name, signer)
        for request in try examples(name, signer) {
            let first = try gate.read(request, isSigned: true, now: Self.now).receipts
            let again = try gate.read(request, isSigned: true, now: Self.now + .seconds(20)).receipts
            #expect(!first.isEmpty && first.allSatisfy { $0.eventID != nil && $0.isSigned })
            #expect(first.map(\.eventID) == again.map(\.eventID))
            #expect(Set(first.map(\.eventID)).count == first.count)
        }
    }

    @Test func `A signature of Mailgun vouches for one body, and may be repeated with it`() throws {
        let signer = try #require(SignedReceipts.all["mailgun"])
        let gate = try gate("mailgun", signer)
        let requests = try examples("mailgun", signer)
        #expect(code(gate, requests[0]) == nil)
        #expect(code(gate, requests[0], at: Self.now + .seconds(5)) == nil)
        #expect(code(gate, requests[1], at: Self.now + .seconds(5)) == .signature)
    }
}
