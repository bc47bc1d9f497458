extension FaultPlan {
    /// Reads a plan in command-line format.
    ///
    /// Entries are separated by commas: `NAME=VALUE` or `SCOPE.NAME=VALUE`. A later entry replaces an earlier one.
    ///
    /// - Scopes: `http` (Twilio, FCM, webhook), `smtp`, `twilio`, `fcm`, `webhook`, `token`. An entry without a scope
    ///   applies to every endpoint that supports it, except `token`, which must be named.
    /// - Rates (`5%` or `0.05`): `429`, `5xx`, `garbage` (HTTP); `421`, `rcpt4xx` (SMTP); `reset`, `hang`, `drop` (both).
    /// - `latency=50ms`, `latency=20ms..80ms`, `latency=2s@5%` (a twentieth of the messages); at most 600 s.
    /// - `retry-after=2s`: whole seconds, for 429 and 503.
    /// - Throws: ``SandboxError/faultPlan(_:)`` that names the entry and says what would be right.
    public init(parsing text: String) throws(SandboxError) {
        self.init()
        for entry in text.split(separator: ",", omittingEmptySubsequences: true) {
            let entry = trimmed(entry)
            if entry.isEmpty { continue }
            guard let equals = entry.firstIndex(of: "=") else {
                throw .faultPlan("The fault \"\(clipped(entry))\" has no value; write NAME=VALUE, as in 429=5%.")
            }
            try set(trimmed(entry[..<equals]), to: trimmed(entry[entry.index(after: equals)...]))
        }
        try validate()
    }

    /// Sets one entry, from either format.
    mutating func set(_ key: Substring, to value: Substring) throws(SandboxError) {
        var name = key
        var scopeName: Substring?
        if let dot = key.firstIndex(of: ".") {
            scopeName = key[..<dot]
            name = key[key.index(after: dot)...]
        }
        if name == "retry-after", scopeName == nil {
            retryAfterSeconds = try Self.seconds(value, entry: key)
            return
        }
        let scopes = try Self.scopes(scopeName, entry: key)
        if name == "drop" {
            try setDrop(scopes, scopeName: scopeName, to: try Self.rate(value, entry: key), entry: key)
            return
        }
        guard let fault = FaultName(rawValue: String(name)) else {
            throw .faultPlan(
                "The fault \"\(clipped(key))\" is not known; choose "
                    + FaultName.allCases.map(\.rawValue).joined(separator: ", ") + ", drop or retry-after.")
        }
        let able = scopes.filter { fault.fits($0) }
        if able.isEmpty {
            throw .faultPlan("\"\(clipped(key))\" cannot happen: \(name) is \(fault.home).")
        }
        for scope in able { try fault.apply(value, to: &self[scope], entry: key) }
    }

    private mutating func setDrop(
        _ scopes: [Scope], scopeName: Substring?, to rate: Double, entry: Substring
    ) throws(SandboxError) {
        switch scopeName {
        case nil: (dropHTTP, dropSMTP) = (rate, rate)
        case "http": dropHTTP = rate
        case "smtp": dropSMTP = rate
        default:
            throw .faultPlan(
                "\"\(clipped(entry))\" cannot happen: a connection is dropped before its path is known; "
                    + "write drop, http.drop or smtp.drop.")
        }
    }

    /// Throws if an endpoint's answer faults together exceed 1.
    func validate() throws(SandboxError) {
        for scope in Scope.allCases where self[scope].answerRate > 1 + 1e-9 {
            throw .faultPlan(
                "The faults of \(scope.rawValue) add up to more than 100%; at most one can hit a message.")
        }
    }

    private static func scopes(_ name: Substring?, entry: Substring) throws(SandboxError) -> [Scope] {
        switch name {
        case nil: return [.smtp, .twilio, .fcm, .webhook]
        case "http": return [.twilio, .fcm, .webhook]
        case .some(let name):
            guard let scope = Scope(rawValue: String(name)) else {
                throw .faultPlan(
                    "The scope of \"\(clipped(entry))\" is not known; choose http, "
                        + Scope.allCases.map(\.rawValue).joined(separator: ", ") + ".")
            }
            return [scope]
        }
    }
}

/// The faults that an entry can set, by their names in a plan.
enum FaultName: String, CaseIterable {
    case tooManyRequests = "429"
    case serverError = "5xx"
    case garbage
    case reset
    case hang
    case serviceUnavailable = "421"
    case recipientDeferred = "rcpt4xx"
    case latency

    /// Whether this endpoint supports this fault.
    func fits(_ scope: FaultPlan.Scope) -> Bool {
        switch self {
        case .tooManyRequests, .serverError, .garbage: scope != .smtp
        case .serviceUnavailable, .recipientDeferred: scope == .smtp
        case .reset, .hang, .latency: true
        }
    }

    /// The endpoints that support this fault, for an error message.
    var home: String {
        switch self {
        case .tooManyRequests, .serverError, .garbage: "an HTTP fault"
        case .serviceUnavailable, .recipientDeferred: "an SMTP fault"
        case .reset, .hang, .latency: "known everywhere"
        }
    }

    func apply(_ value: Substring, to faults: inout Faults, entry: Substring) throws(SandboxError) {
        switch self {
        case .tooManyRequests: faults.tooManyRequests = try FaultPlan.rate(value, entry: entry)
        case .serverError: faults.serverError = try FaultPlan.rate(value, entry: entry)
        case .garbage: faults.garbage = try FaultPlan.rate(value, entry: entry)
        case .reset: faults.reset = try FaultPlan.rate(value, entry: entry)
        case .hang: faults.hang = try FaultPlan.rate(value, entry: entry)
        case .serviceUnavailable: faults.serviceUnavailable = try FaultPlan.rate(value, entry: entry)
        case .recipientDeferred: faults.recipientDeferred = try FaultPlan.rate(value, entry: entry)
        case .latency: faults.latency = try FaultPlan.latency(value, entry: entry)
        }
    }
}
