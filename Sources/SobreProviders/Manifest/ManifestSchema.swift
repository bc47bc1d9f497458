internal import JSON
internal import Signing
internal import SobreModel
internal import SobreSettings

/// The JSON Schema of manifests, with which editors complete and check them. Its keys are the parser's own.
public enum ManifestSchema {
    /// The schema as indented JSON with a line end.
    public static var text: String {
        var writer = JSONWriter(indentation: 2)
        writer.object { writer in
            writer.member("$schema", "https://json-schema.org/draft/2020-12/schema")
            writer.member("title", "A provider manifest of Sobre")
            writer.key("allOf")
            writer.array { writer in root.write(to: &writer) }
            writer.key("$defs")
            writer.object { writer in
                for (name, node) in definitions.sorted(by: { $0.key < $1.key }) {
                    writer.key(name)
                    node.write(to: &writer)
                }
            }
        }
        writer.newline()
        return writer.string
    }

    static let root = SchemaNode.object(
        keys: ManifestKeys.top, required: ["manifest", "name", "channel", "endpoint", "request", "response"],
        [
            "manifest": .number, "version": .scalar, "channel": .oneOrMore(.choice(Channel.names + ["any"])),
            "verified": .choice(Manifest.Verification.allCases.map(\.rawValue)), "settings": .names(setting),
            "auth": auth, "clock": clock, "signature": signature, "transport": transport, "limits": limits,
            "capabilities": capabilities, "idempotency": idempotency, "request": request, "response": response,
            "receipts": receipts, "poll": poll, "examples": .list(example),
        ])

    /// Parts that contain themselves.
    static let definitions: [String: SchemaNode] = ["body": body]

    private static let outcome = SchemaNode.choice(Outcome.Kind.allCases.map(\.rawValue))
    private static let kind = SchemaNode.choice(Receipt.Kind.allCases.map(\.description))
    private static let kindOrNone = SchemaNode.choice(Receipt.Kind.allCases.map(\.description) + ["none"])
    private static let values = SchemaNode.oneOrMore(.scalar)
    private static let places = SchemaNode.oneOrMore(.text)

    /// A setting without keys of its own is a required one.
    static let setting = SchemaNode.any([
        .object(
            keys: ManifestKeys.setting, required: [],
            ["secret": .flag, "optional": .flag, "json": .flag, "default": .scalar]),
        .anything,
    ])

    static let clock = SchemaNode.object(keys: ManifestKeys.clock, required: ["path"], [:])
    static let signature = SchemaNode.object(
        keys: ManifestKeys.signature, required: ["type", "secret"], ["type": .choice(["standard_webhooks"])])
    static let transport = SchemaNode.object(
        keys: ManifestKeys.transport, required: [], ["http": .choice(["1.1", "2"])])
    static let limits = SchemaNode.object(
        keys: ProviderLimits.keys, required: [], ["burst": .number, "concurrency": .number])
    static let capabilities = SchemaNode.object(
        keys: ManifestKeys.capabilities, required: [],
        [
            "max_text": .number, "max_payload": .scalar, "max_bytes": .scalar, "attachments": .flag,
            "inline_images": .flag, "eai": .flag,
            "reserved_data": .oneOrMore(.text), "reply_window": .scalar,
            "sender": .oneOrMore(.choice(SenderKind.allCases.map(\.rawValue))),
        ])
    static let idempotency = SchemaNode.any([
        .choice(["none"]),
        .object(keys: ManifestKeys.idempotency, required: [], ["ambiguous": .choice(["fail", "repeat"])]),
    ])

    static let auth = SchemaNode.byType(
        ManifestKeys.auth.mapValues { keys in
            .object(
                keys: keys, required: ["type"],
                [
                    "alg": .choice(SignatureAlgorithm.allCases.map(\.rawValue)), "claims": .names(.text), "id": .flag,
                    "refresh_on": outcome, "let": .names(.text), "headers": .names(.text),
                    "credentials": .choice(["header", "body"]),
                ])
        })

    static let request = SchemaNode.object(
        keys: ManifestKeys.request, required: ["body"],
        [
            "method": .choice(["POST", "PUT", "PATCH"]), "query": .names(.scalar), "headers": .names(.scalar),
            "content_type": .choice(RequestPlan.ContentType.allCases.map(\.rawValue)), "body": .reference("body"),
        ])

    /// Any tree of data; a mapping with a `$` has the keys of its kind.
    static let body = SchemaNode.any(
        [.scalar, .list(.reference("body"))]
            + ManifestKeys.nodes.sorted { $0.key < $1.key }.map { kind, keys in
                .object(
                    keys: keys, required: [kind],
                    [
                        "$do": .reference("body"), "$then": .reference("body"), "$else": .reference("body"),
                        "$merge": .list(.reference("body")), "$json": .reference("body"), "$kv": .list(.text),
                    ])
            } + [.names(.reference("body"))])

    static let response = SchemaNode.object(
        keys: ManifestKeys.response, required: ["rules"],
        [
            "retry_after": places, "let": .names(.text), "otherwise": outcome, "detail": places,
            "dead_since": places,
            "rules": .list(
                .object(
                    keys: ManifestKeys.rule, required: ["when", "outcome"],
                    ["when": .names(values), "outcome": outcome, "common_cause": .flag])),
        ])

    static let receipts = SchemaNode.object(
        keys: ManifestKeys.receipts, required: ["verify", "decode"],
        [
            "verify": .byType(
                ManifestKeys.verify.mapValues { keys in
                    .object(
                        keys: keys, required: ["type"],
                        [
                            "hash": .choice(ReceiptPlan.Signed.HMACKind.allCases.map(\.rawValue)),
                            "encoding": .choice(SignedReceiptVerifier.Encoding.allCases.map(\.rawValue)),
                        ])
                }),
            "handshake": .byType(
                ManifestKeys.handshake.mapValues { keys in .object(keys: keys, required: keys, [:]) }),
            "events": places,
            "decode": .choice(ReceiptFormat.Decode.allCases.map(\.rawValue) + ["sobre"]),
            "event": .object(
                keys: ManifestKeys.receiptEvent, required: ["status"],
                SchemaMembers(Dictionary(uniqueKeysWithValues: ManifestKeys.receiptEvent.map { ($0, places) }))),
            "status": .names(kindOrNone), "errors": .names(kind),
            "inbound": .object(
                keys: ManifestKeys.inbound, required: ["from", "text"],
                SchemaMembers(Dictionary(uniqueKeysWithValues: ManifestKeys.inbound.map { ($0, places) }))),
        ])

    static let poll = SchemaNode.object(
        keys: ManifestKeys.poll, required: ["path", "status", "kinds"],
        [
            "batch": .number, "status": places, "code": places, "diagnostic": places, "pending": values,
            "kinds": .names(kindOrNone), "errors": .names(kind),
        ])

    static let example = SchemaNode.object(
        keys: ManifestKeys.example, required: ["expect"],
        [
            "answer": .object(
                keys: ManifestKeys.answer, required: ["status"],
                ["status": .number, "headers": .names(.scalar), "json": .anything, "text": .scalar]),
            "receipt": .object(
                keys: ManifestKeys.receipt, required: [], ["headers": .names(.scalar), "json": .anything]),
            "expect": .oneOrMore(.text), "id": .scalar,
            "inbound": .object(keys: ManifestKeys.exampleInbound, required: ManifestKeys.exampleInbound, [:]),
        ])
}
