import SobreModel
import YAMLDocument

// Every section with its keys, in the order of `Config/sobre.yaml`, and how each is read.
extension Settings {
    static let sections: [(name: String, keys: [String])] = [
        ("data", ["directory"]),
        ("paths", ["templates", "providers", "policy"]),
        (
            "server",
            [
                "host", "port", "max_body", "max_batch_body", "max_connections", "header_timeout", "body_timeout",
            ]
        ),
        ("sender", ["reply_to"] + Channel.allCases.filter { $0.sender != nil }.map(\.description)),
        ("links", ["public_url", "preferences_url", "secret", "previous_secrets"]),
        (
            "dispatch",
            [
                "workers", "batch", "in_flight", "lease", "attempt_timeout", "guard_time", "resend_after", "idle_wait",
                "drain",
            ]
        ),
        ("retry", ["max_attempts", "base", "cap"]),
        ("rendering", ["undefined", "max_steps", "max_output", "retry_after"]),
        ("receipts", ["max_waiting", "patience", "batch", "keep"]),
        ("retention", ["messages", "ledger", "idempotency_keys", "interval", "batch"]),
        ("log", ["level", "format"]),
    ]

    /// Keys of earlier versions that are still read.
    static let formerKeys = ["dispatch": ["lanes"]]

    mutating func read(places dataSection: SettingsSection, _ section: SettingsSection) throws(YAMLError) {
        try dataSection.read(path: "directory", into: &data.directory)
        try section.read(path: "templates", into: &paths.templates)
        try section.read(path: "providers", into: &paths.providers)
        try section.read(path: "policy", into: &paths.policy)
    }

    mutating func read(server section: SettingsSection) throws(YAMLError) {
        try section.read("host", into: &server.host)
        try section.read("port", into: &server.port, in: 0...65_535)
        try section.read(bytes: "max_body", into: &server.maxBodyBytes, in: 1 << 10...(64 << 20))
        try section.read(bytes: "max_batch_body", into: &server.maxBatchBytes, in: 1 << 10...(256 << 20))
        try section.read("max_connections", into: &server.maxConnections, in: 1...65_536)
        try section.read("header_timeout", into: &server.headerTimeout, in: .milliseconds(100)...(.seconds(300)))
        try section.read("body_timeout", into: &server.bodyTimeout, in: .milliseconds(100)...(.seconds(600)))
    }

    mutating func read(sender section: SettingsSection, links linkSection: SettingsSection) throws(YAMLError) {
        try section.read("reply_to", into: &sender.replyTo)
        for channel in Channel.allCases where channel.sender != nil {
            try section.read(channel.description, into: &sender[channel])
        }
        try linkSection.read("public_url", into: &links.publicURL)
        while links.publicURL.hasSuffix("/") { links.publicURL.removeLast() }
        guard links.publicURL.hasPrefix("https://") || links.publicURL.hasPrefix("http://") else {
            throw Self.error(
                try linkSection["public_url"], "\"links.public_url\" must be an http or https address",
                help: "write it in full, such as https://mail.example.com")
        }
        try linkSection.read("preferences_url", into: &links.preferencesURL)
        if let value = try linkSection["secret"] { links.secret = try Self.secret(value, "links.secret") }
        for value in try linkSection["previous_secrets"]?.listOrOne ?? [] {
            links.previousSecrets.append(try Self.secret(value, "links.previous_secrets"))
        }
    }

    private static func secret(_ value: YAMLValue, _ name: String) throws(YAMLError) -> SecretReference {
        guard let reference = SecretReference(try value.string()) else {
            throw value.error(
                "\"\(name)\" is not a reference",
                help: "write env:NAME or file:PATH; credentials do not belong into configuration files")
        }
        return reference
    }

    mutating func read(dispatch section: SettingsSection, retry retrySection: SettingsSection) throws(YAMLError) {
        try section.read("lanes", into: &dispatch.workers, in: 1...64)
        try section.read("workers", into: &dispatch.workers, in: 1...64)
        try section.read("batch", into: &dispatch.batch, in: 1...4096)
        try section.read("in_flight", into: &dispatch.inFlight, in: 1...65_536)
        try section.read("lease", into: &dispatch.lease, in: .seconds(13)...(.seconds(3600)))
        try section.read("attempt_timeout", into: &dispatch.attemptTimeout, in: .milliseconds(100)...(.seconds(300)))
        try section.read("guard_time", into: &dispatch.guardTime, in: .milliseconds(100)...(.seconds(60)))
        try section.read("resend_after", into: &dispatch.resendAfter, in: .seconds(1)...(.seconds(86_400)))
        try section.read("idle_wait", into: &dispatch.idleWait, in: .milliseconds(1)...(.seconds(60)))
        try section.read("drain", into: &dispatch.drain, in: .seconds(0)...(.seconds(600)))
        // Points at whichever of the two is written down.
        func place() throws(YAMLError) -> YAMLValue? {
            if let value = try section["lease"] { return value }
            return try section["attempt_timeout"]
        }
        guard dispatch.lease >= dispatch.attemptTimeout + dispatch.guardTime + .seconds(10) else {
            throw Self.error(
                try place(),
                "\"dispatch.lease\" must be at least \"attempt_timeout\" + \"guard_time\" + 10 s",
                help: "raise the lease or lower the timeout; otherwise a slow call could be taken for a lost one")
        }
        try retrySection.read("max_attempts", into: &retry.maxAttempts, in: 1...100)
        try retrySection.read("base", into: &retry.base, in: .milliseconds(1)...(.seconds(3600)))
        try retrySection.read("cap", into: &retry.cap, in: .milliseconds(1)...(.seconds(7 * 86_400)))
    }

    mutating func read(rendering section: SettingsSection) throws(YAMLError) {
        try section.read("undefined", into: &rendering.undefined)
        try section.read("max_steps", into: &rendering.maxSteps, in: 100...100_000_000)
        try section.read(bytes: "max_output", into: &rendering.maxOutputBytes, in: 1 << 10...(64 << 20))
        try section.read("retry_after", into: &rendering.retryAfter, in: .seconds(1)...(.seconds(86_400)))
    }

    mutating func read(receipts section: SettingsSection) throws(YAMLError) {
        try section.read("max_waiting", into: &receipts.maxWaiting, in: 1...10_000_000)
        try section.read("patience", into: &receipts.patience, in: .seconds(1)...(.seconds(30 * 86_400)))
        try section.read("batch", into: &receipts.batch, in: 1...4096)
        try section.read("keep", into: &receipts.keep, in: .seconds(3600)...(.seconds(3660 * 86_400)))
    }

    mutating func read(retention section: SettingsSection) throws(YAMLError) {
        let day = 86_400
        try section.read("messages", into: &retention.messages, in: .seconds(3600)...(.seconds(3660 * day)))
        try section.read("ledger", into: &retention.ledger, in: .seconds(day)...(.seconds(3660 * day)))
        try section.read(
            "idempotency_keys", into: &retention.idempotencyKeys, in: .seconds(3600)...(.seconds(3660 * day)))
        try section.read("interval", into: &retention.interval, in: .seconds(1)...(.seconds(day)))
        try section.read("batch", into: &retention.batch, in: 1...100_000)
    }

    mutating func read(log section: SettingsSection) throws(YAMLError) {
        try section.read("level", into: &log.level)
        try section.read("format", into: &log.format)
    }

    private static func error(_ value: YAMLValue?, _ message: String, help: String) -> YAMLError {
        value?.error(message, help: help)
            ?? YAMLError(file: "settings", line: 0, column: 0, message: message, help: help)
    }
}
