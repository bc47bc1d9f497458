public import JSON

extension FaultPlan {
    /// Reads a plan from a JSON object with the keys of ``init(parsing:)``.
    ///
    /// A rate is a number from 0 to 1 or a text such as `"5%"`. A latency is a text such as `"20ms..80ms@50%"`.
    /// `retry-after` is a number of seconds or a text. A `seed` is allowed and ignored here.
    ///
    /// - Throws: ``SandboxError/faultPlan(_:)`` that names the entry and says what would be right.
    public init(json: JSONRef) throws(SandboxError) {
        self = try Self.read(json).plan
    }

    /// Reads a plan and its optional seed.
    static func read(_ json: JSONRef) throws(SandboxError) -> (plan: FaultPlan, seed: UInt64?) {
        guard json.kind == .object else {
            throw .faultPlan("A fault plan is a JSON object such as {\"429\": 0.05, \"latency\": \"20ms..80ms\"}.")
        }
        var plan = FaultPlan()
        var seed: UInt64?
        for member in json.members {
            let key = member.key.string ?? ""
            let value = member.value
            if key == "seed" {
                guard let number = value.int, number >= 0 else {
                    throw .faultPlan("\"seed\" is a whole number from 0.")
                }
                seed = UInt64(number)
            } else if let text = value.string {
                try plan.set(trimmed(key[...]), to: trimmed(text[...]))
            } else if value.double != nil {
                try plan.set(trimmed(key[...]), to: Substring(decoding: value.rawBytes, as: UTF8.self))
            } else {
                throw .faultPlan("The value of \"\(clipped(key))\" is neither a number nor a text.")
            }
        }
        try plan.validate()
        return (plan, seed)
    }

    /// Writes the members of an object that reads back as this plan.
    func write(to json: inout JSONWriter, seed: UInt64) {
        json.key("seed")
        json.value(seed)
        json.field("retry-after", retryAfterSeconds)
        rate("http.drop", dropHTTP, to: &json)
        rate("smtp.drop", dropSMTP, to: &json)
        for scope in Scope.allCases {
            let faults = self[scope]
            let name = scope.rawValue
            rate("\(name).429", faults.tooManyRequests, to: &json)
            rate("\(name).5xx", faults.serverError, to: &json)
            rate("\(name).garbage", faults.garbage, to: &json)
            rate("\(name).reset", faults.reset, to: &json)
            rate("\(name).hang", faults.hang, to: &json)
            rate("\(name).421", faults.serviceUnavailable, to: &json)
            rate("\(name).rcpt4xx", faults.recipientDeferred, to: &json)
            if let latency = faults.latency {
                json.key("\(name).latency")
                json.value("\(latency.lowMilliseconds)ms..\(latency.highMilliseconds)ms@\(latency.rate)")
            }
        }
    }

    private func rate(_ key: String, _ value: Double, to json: inout JSONWriter) {
        if value == 0 { return }
        json.key(key)
        json.value(value)
    }
}
