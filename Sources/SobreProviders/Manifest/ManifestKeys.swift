/// The keys of a manifest, by the mapping that they belong to. The parser and the JSON Schema read them from here.
enum ManifestKeys {
    static let top = [
        "manifest", "name", "channel", "version", "docs", "evidence", "verified", "settings", "endpoint", "auth",
        "clock", "signature", "transport", "limits", "capabilities", "idempotency", "request", "response", "receipts",
        "poll", "examples",
    ]
    static let setting = ["secret", "optional", "json", "default"]
    static let transport = ["http", "timeout", "certificate", "key"]
    static let capabilities = [
        "max_text", "max_payload", "max_bytes", "attachments", "inline_images", "eai", "sender", "reserved_data",
        "reply_window",
    ]
    static let idempotency = ["header", "field", "value", "ambiguous"]
    static let clock = ["path", "refresh"]
    static let signature = ["type", "secret"]

    /// By the type of `auth`.
    static let auth: [String: [String]] = [
        "none": ["type"],
        "basic": ["type", "user", "password"],
        "bearer": ["type", "scheme", "token"],
        "header": ["type", "name", "value"],
        "oauth2_jwt_bearer": [
            "type", "token_url", "scope", "issuer", "key_id", "private_key", "alg", "cache", "refresh_on",
        ],
        "oauth2_client_credentials": [
            "type", "token_url", "client_id", "client_secret", "scope", "audience", "credentials", "cache",
            "refresh_on",
        ],
        "jwt": ["type", "scheme", "alg", "private_key", "key_id", "claims", "lifetime", "reuse", "id", "refresh_on"],
        "sigv4": ["type", "service", "region", "access_key", "secret_key", "session_token"],
        "recipe": ["type", "let", "headers"],
    ]

    static let request = ["method", "path", "query", "headers", "content_type", "body"]
    /// By the key that tells the kind of a node of a body.
    static let nodes: [String: [String]] = [
        "$each": ["$each", "$do"],
        "$if": ["$if", "$then", "$else"],
        "$pairs": ["$pairs", "$prefix"],
        "$kv": ["$kv", "of"],
        "$merge": ["$merge"],
        "$file": ["$file", "name", "type"],
        "$json": ["$json"],
    ]

    static let response = ["retry_after", "let", "rules", "otherwise", "detail", "dead_since"]
    static let rule = ["when", "outcome", "id", "common_cause"]

    static let receipts = ["verify", "handshake", "decode", "events", "event", "status", "errors", "inbound"]
    private static let signed = ["key", "signature", "prefix", "encoding", "signed", "timestamp", "max_age", "once"]
    /// By the type of `verify`.
    static let verify: [String: [String]] = [
        "standard_webhooks": ["type", "secret"],
        "svix": ["type", "secret"],
        "basic": ["type", "user", "password"],
        "token": ["type", "at", "value"],
        "hmac": ["type", "hash"] + signed,
        "ecdsa_p256": ["type"] + signed,
        "rsa_sha1": ["type"] + signed,
        "ed25519": ["type"] + signed,
        "jwt": ["type", "key", "token", "payload", "url", "max_age"],
        "sns": ["type", "topics"],
        "twilio": ["type", "token"],
        "plivo": ["type", "token"],
    ]
    /// By the type of `handshake`.
    static let handshake: [String: [String]] = ["hub": ["type", "token"], "event_grid": ["type"]]
    static let receiptEvent = ["reference", "id", "event_id", "status", "detail", "code", "diagnostic", "time"]

    static let poll = [
        "path", "ids", "after", "every", "slowest", "give_up_after", "batch", "answers", "status", "code", "diagnostic",
        "pending", "kinds", "errors",
    ]
    static let inbound = ["events", "from", "text", "kind", "ignore", "time"]

    static let example = ["answer", "receipt", "expect", "id", "retry_after", "inbound"]
    static let exampleInbound = ["from", "text"]
    static let answer = ["status", "headers", "json", "text"]
    static let receipt = ["query", "headers", "json", "form"]
}
