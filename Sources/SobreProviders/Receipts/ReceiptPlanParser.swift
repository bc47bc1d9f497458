internal import SobreModel
internal import YAMLDocument

extension ManifestParser {
    /// Reads the `receipts:` of a manifest.
    func parseReceipts(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlan {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.receipts)
        return ReceiptPlan(
            proof: try receiptProof(try mapping.require("verify")),
            handshake: try mapping.read("handshake") { value throws(YAMLError) in try handshake(value) },
            format: try Self.receiptFormat(mapping))
    }

    private func handshake(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlan.Handshake {
        let mapping = try value.mapping()
        let type = try mapping.require("type")
        guard let keys = ManifestKeys.handshake[try type.string()] else {
            throw type.unknownName(try type.string(), known: ManifestKeys.handshake.keys.sorted())
        }
        try mapping.checkKeys(known: keys)
        return mapping.contains("token") ? .hub(token: try text("token", in: mapping)) : .eventGrid
    }

    private func receiptProof(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlan.Proof {
        let mapping = try value.mapping()
        let type = try mapping.require("type")
        let name = try type.string()
        guard let keys = ManifestKeys.verify[name] else {
            throw type.unknownName(name, known: ManifestKeys.verify.keys.sorted())
        }
        try mapping.checkKeys(known: keys)
        switch name {
        case "standard_webhooks":
            return .standardWebhooks(secret: try text(ifPresent: "secret", in: mapping), .standard)
        case "svix": return .standardWebhooks(secret: try text("secret", in: mapping), .svix)
        case "basic": return .basic(user: try text("user", in: mapping), password: try text("password", in: mapping))
        case "token": return .token(try Self.place("at", in: mapping), value: try text("value", in: mapping))
        case "hmac":
            let hash = try mapping.choice("hash", default: ReceiptPlan.Signed.HMACKind.sha256)
            return .signed(try signed(mapping, .hmac(hash), defaultEncoding: .hex))
        case "ecdsa_p256": return .signed(try signed(mapping, .p256, defaultEncoding: .base64))
        case "rsa_sha1": return .signed(try signed(mapping, .rsaSHA1, defaultEncoding: .base64))
        case "ed25519": return .signed(try signed(mapping, .ed25519, defaultEncoding: .base64))
        case "jwt":
            return .jwt(
                ReceiptPlan.JWT(
                    key: try text("key", in: mapping), token: try Self.place("token", in: mapping),
                    payloadClaim: try mapping.string("payload", default: "payload_hash"),
                    urlClaim: try mapping.string(ifPresent: "url"), maxAge: try Self.maxAge(mapping)))
        case "sns": return .sns(topics: try text("topics", in: mapping))
        case "plivo": return .plivo(token: try text("token", in: mapping))
        default: return .twilio(token: try text("token", in: mapping))
        }
    }

    private func signed(
        _ mapping: YAMLMapping, _ algorithm: ReceiptPlan.Signed.Algorithm,
        defaultEncoding: SignedReceiptVerifier.Encoding
    ) throws(YAMLError) -> ReceiptPlan.Signed {
        let signed = try mapping.require("signed")
        let raw = try signed.string()
        let text: ReceiptText
        do { text = try ReceiptText(raw) } catch { throw signed.error(error.message, help: error.help) }
        return ReceiptPlan.Signed(
            algorithm: algorithm, key: try self.text("key", in: mapping),
            signature: try Self.place("signature", in: mapping), prefix: try mapping.string("prefix", default: ""),
            encoding: try mapping.choice("encoding", default: defaultEncoding), signed: text,
            timestamp: try mapping.read("timestamp") { value throws(YAMLError) in try Self.place(value) },
            maxAge: try Self.maxAge(mapping),
            once: try mapping.read("once") { value throws(YAMLError) in try Self.place(value) })
    }

    private static func maxAge(_ mapping: YAMLMapping) throws(YAMLError) -> Duration {
        try mapping.duration(ifPresent: "max_age", in: .seconds(30)...(.seconds(86_400))) ?? ReceiptGate.tolerance
    }

    private static func place(_ key: String, in mapping: YAMLMapping) throws(YAMLError) -> ReceiptPlace {
        try place(try mapping.require(key))
    }

    private static func place(_ value: YAMLValue) throws(YAMLError) -> ReceiptPlace {
        let text = try value.string()
        do { return try ReceiptPlace(text) } catch { throw value.error(error.message, help: error.help) }
    }

    // MARK: - The format

    private static func receiptFormat(_ mapping: YAMLMapping) throws(YAMLError) -> ReceiptFormat? {
        let decode = try mapping.require("decode")
        if case .scalar("sobre", _) = decode.content {
            for key in ["events", "event", "status", "errors", "inbound"] where mapping.contains(key) {
                throw try mapping.require(key).error("\(key) has no effect with decode: sobre")
            }
            return nil
        }
        let kind: ReceiptFormat.Decode = try decode.choice()
        let event = try mapping.require("event").mapping()
        try event.checkKeys(known: ManifestKeys.receiptEvent)
        func places(_ key: String) throws(YAMLError) -> [ReceiptPlace] { try readPlaces(key, in: event, kind) }
        if kind == .form, let events = mapping["events"] {
            throw events.error("events has no effect with decode: form")
        }
        let events = try paths(mapping["events"])
        let format = ReceiptFormat(
            decode: kind, events: events, reference: try places("reference"), providerID: try places("id"),
            eventID: try places("event_id"), status: try places("status"), detail: try places("detail"),
            code: try places("code"),
            diagnostic: try places("diagnostic"), time: try places("time"),
            kinds: try kinds(try mapping.require("status")), errors: try errors(mapping["errors"]),
            inbound: try mapping.read("inbound") { value throws(YAMLError) in try inbound(value, kind) })
        guard !format.status.isEmpty else { throw try event.require("status").error("a place is missing") }
        guard !format.reference.isEmpty || !format.providerID.isEmpty else {
            throw try mapping.require("event").error(
                "the receipts do not identify their message", help: "add reference: query:sobre_id, or id")
        }
        return format
    }

    /// The messages of recipients in the requests.
    private static func inbound(
        _ value: YAMLValue, _ decode: ReceiptFormat.Decode
    ) throws(YAMLError) -> InboundFormat {
        guard decode == .json else { throw value.error("inbound has no effect here", help: "it needs decode: json") }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: ManifestKeys.inbound)
        return InboundFormat(
            events: try paths(try mapping.require("events")), from: try readPlaces("from", in: mapping, decode),
            text: try readPlaces("text", in: mapping, decode), kind: try readPlaces("kind", in: mapping, decode),
            ignored: Set(try mapping["ignore"]?.strings() ?? []), time: try readPlaces("time", in: mapping, decode))
    }

    private static func readPlaces(
        _ key: String, in mapping: YAMLMapping, _ decode: ReceiptFormat.Decode
    ) throws(YAMLError) -> [ReceiptPlace] {
        var places: [ReceiptPlace] = []
        for value in mapping[key]?.listOrOne ?? [] {
            let place = try place(value)
            try check(place, value, decode)
            places.append(place)
        }
        return places
    }

    static func paths(_ value: YAMLValue?) throws(YAMLError) -> [JSONPath] {
        var paths: [JSONPath] = []
        for value in value?.listOrOne ?? [] {
            let path = try value.string()
            do { paths.append(try JSONPath(path)) } catch { throw value.error(error.message, help: error.help) }
        }
        return paths
    }

    private static func check(
        _ place: ReceiptPlace, _ value: YAMLValue, _ decode: ReceiptFormat.Decode
    ) throws(YAMLError) {
        switch (place, decode) {
        case (.json, .form): throw value.error("a form has no JSON", help: "write form:NAME or query:NAME")
        case (.form, .json), (.form, .sns): throw value.error("JSON has no form fields", help: "write json:PATH")
        default: return
        }
    }

    static func kinds(_ value: YAMLValue) throws(YAMLError) -> [String: Receipt.Kind?] {
        var kinds: [String: Receipt.Kind?] = [:]
        for entry in try value.mapping().entries {
            kinds[entry.key] = .some(try entry.value.string() == "none" ? nil : kind(entry.value))
        }
        return kinds
    }

    static func errors(_ value: YAMLValue?) throws(YAMLError) -> [String: Receipt.Kind] {
        var errors: [String: Receipt.Kind] = [:]
        for entry in try value?.mapping().entries ?? [] { errors[entry.key] = try kind(entry.value) }
        return errors
    }

    static func kind(_ value: YAMLValue) throws(YAMLError) -> Receipt.Kind {
        let text = try value.string()
        guard let kind = Receipt.Kind(name: text) else {
            throw value.unknownName(text, known: Receipt.Kind.allCases.map(\.description) + ["none"])
        }
        return kind
    }
}
