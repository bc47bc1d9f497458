internal import NIOHTTP1

extension SandboxCore {
    /// Routes one complete request to a provider's endpoint, to the sandbox's own routes, or to 404.
    func handle(_ request: HTTPRequest, on connection: HTTPConnection) {
        guard isAddressed(by: request) else {
            connection.answer(refusal(ofHost: request.header("host") ?? ""))
            return
        }
        let parts = request.segments
        let isPost = request.method == .POST
        if isPost, parts.count == 4, parts[0] == "2010-04-01", parts[1] == "Accounts", parts[3] == "Messages.json" {
            receive(.twilio, request, on: connection) { context in
                TwilioEndpoint.receive(request, account: parts[2], context: context)
            }
        } else if isPost, parts.count == 4, parts[0] == "v1", parts[1] == "projects", parts[3] == "messages:send" {
            receive(.fcm, request, on: connection) { context in
                FCMEndpoint.receive(
                    request, project: percentDecoded(parts[2].utf8),
                    isKnownToken: { tokens.isKnown($0, at: context.at) }, context: context)
            }
        } else if isPost || request.method == .PUT, parts.count >= 2, parts[0] == "webhook", !parts[1].isEmpty {
            receive(.webhook, request, on: connection) { context in
                WebhookEndpoint.receive(request, key: webhookKey, context: context)
            }
        } else if isPost, parts == ["token"] {
            issueToken(request, on: connection)
        } else {
            handleOwn(request, parts: parts, on: connection)
        }
    }

    /// Accepts one message: rolls the dice, records the row, and answers according to the roll once the row is
    /// written.
    private func receive(
        _ scope: FaultPlan.Scope, _ request: HTTPRequest, on connection: HTTPConnection,
        shape: (ReceptionContext) -> Reception
    ) {
        let (roll, delay) = dice.roll(scope)
        var reception = shape(receptionContext())
        var answer: HTTPAnswer? = reception.answer
        reception.message.status = reception.answer.status
        reception.message.accepted = reception.answer.isSuccess && reception.message.providerID != nil
        switch roll {
        case .none, .serviceUnavailable, .recipientDeferred:
            break
        case .tooManyRequests:
            answer = refusal(scope, status: 429)
        case .serverError(let status):
            answer = refusal(scope, status: status)
        case .garbage:
            answer = HTTPAnswer(status: 200, contentType: "application/json", body: Array("{\"sid\":\"\u{0}<".utf8))
        case .reset, .hang:
            answer = nil
        }
        if let answer, answer.status != reception.message.status, roll != .garbage {
            reception.message.status = answer.status
            reception.message.accepted = false
            reception.message.providerID = nil
        }
        reception.message.fault = roll.name
        reception.message.delayMilliseconds = answer == nil ? 0 : delay
        reception.message.answered = answer != nil && connection.isOpen
        count(roll, delay: reception.message.delayMilliseconds)
        record([reception.message], body: request.body) { result in
            self.respond(result, roll: roll, answer: answer, delayMilliseconds: delay, on: connection)
        }
    }

    private func respond(
        _ result: RecordResult, roll: FaultDice.Roll, answer: HTTPAnswer?, delayMilliseconds: Int,
        on connection: HTTPConnection
    ) {
        guard case .recorded(let messages) = result else {
            connection.answer(
                .problem(
                    507, "Insufficient Storage",
                    "The sandbox cannot write its record, so it did not accept the message; free some disk space."))
            return
        }
        guard let answer else {
            if roll == .reset { connection.reset() } else { connection.hang() }
            return
        }
        connection.answer(answer, delayMilliseconds: delayMilliseconds) { sent in
            if !sent { self.amendUnanswered(messages) }
        }
    }

    private func issueToken(_ request: HTTPRequest, on connection: HTTPConnection) {
        let (roll, delay) = dice.roll(.token)
        let context = receptionContext()
        count(roll, delay: delay)
        let answer: HTTPAnswer
        switch roll {
        case .reset: return connection.reset()
        case .hang: return connection.hang()
        case .tooManyRequests: answer = refusal(.token, status: 429)
        case .serverError(let status): answer = refusal(.token, status: status)
        case .garbage: answer = HTTPAnswer(status: 200, contentType: "application/json", body: Array("{\"access_".utf8))
        case .none, .serviceUnavailable, .recipientDeferred:
            answer = tokens.issue(request, at: context.at, identity: context.identityHex)
        }
        connection.answer(answer, delayMilliseconds: delay) { _ in }
    }

    /// A server error in the provider's format.
    private func refusal(_ scope: FaultPlan.Scope, status: Int) -> HTTPAnswer {
        let text = status == 429 ? "Too many requests; the sandbox injects a fault." : "The sandbox injects a fault."
        var answer: HTTPAnswer
        switch scope {
        case .twilio:
            answer = TwilioEndpoint.error(status: status, code: status == 429 ? 20429 : 20500, text)
        case .fcm:
            let name = status == 429 ? "QUOTA_EXCEEDED" : status == 503 ? "UNAVAILABLE" : "INTERNAL"
            answer = FCMEndpoint.error(
                status: status, status == 429 ? "RESOURCE_EXHAUSTED" : name, detail: name, text)
        case .token:
            answer = TokenRegistry.error("temporarily_unavailable", text, status: status)
        case .webhook, .smtp:
            answer = .problem(status, status == 429 ? "Too Many Requests" : "Server Error", text)
        }
        if status == 429 || status == 503 {
            answer.headers.append(("Retry-After", String(dice.plan.retryAfterSeconds)))
        }
        return answer
    }

    /// Counts the faults of one message.
    func count(_ roll: FaultDice.Roll, delay: Int) {
        if let name = roll.name { stats.count(fault: name) }
        if delay > 0 { stats.count(fault: "latency") }
    }
}
