internal import JSON
internal import SobreDelivery
internal import SobreModel

/// How a provider's responses are interpreted: an ordered list of rules, of which the first match decides.
struct ResponsePlan: Sendable {
    /// A value in a response.
    enum Place: Hashable, Sendable {
        case status
        /// A header's name in lower case.
        case header(String)
        case json(JSONPath)
        /// The text of the first XML element of this name, without a namespace.
        case xml(String)
        /// A `let:` by its index.
        case variable(Int)
        /// The whole body.
        case text
    }

    enum Matcher: Hashable, Sendable {
        case present
        case absent
        case equals([String])
        case pattern(TextPattern)
        /// The status: hundreds such as 2 for `2xx`, and exact codes.
        case status(classes: [Int], codes: [Int])
    }

    struct Rule: Sendable {
        let conditions: [(place: Place, matcher: Matcher)]
        let outcome: Outcome.Kind
        let id: ID
        /// Several recipients in a row to whom the rule applies have a common cause: see ``Outcome/commonCause``.
        var hasCommonCause = false
    }

    enum ID: Hashable, Sendable {
        /// No id is stated. An acceptance by this rule is not trusted.
        case unstated
        /// `id: none`: the provider gives no id, and the status is sufficient.
        case none
        case place(Place)
    }

    let retryAfter: [Place]
    let variables: [Place]
    let rules: [Rule]
    /// The outcome of a 4xx that matches no rule.
    let otherwise: Outcome.Kind
    /// Where the provider's error text or code is.
    let detail: [Place]
    /// Where the provider says since when a recipient's address is dead.
    let deadSince: [Place]

    /// The bounds of a response body.
    static let limits = JSONLimits(maxDepth: 32, maxBytes: 1 << 20, maxNodes: 100_000)

    /// Interprets a response. `address` is removed from the outcome's detail; `now` is for a `Retry-After` that is a
    /// date.
    func outcome(
        status: Int, headers: [(name: String, value: String)], body: [UInt8], address: String, now: Instant
    ) -> Outcome {
        let answer = Answer(status: status, headers: headers, body: body, plan: self)
        var outcome = judge(answer)
        if outcome.kind.proof != .sent {
            outcome.detail = Redaction.line(words(of: answer), hiding: address)
            outcome.retryAfter = wait(asked: answer, now: now)
            if outcome.kind == .recipientGone { outcome.deadSince = instant(deadSince, in: answer) }
        }
        return outcome
    }

    private func judge(_ answer: Answer) -> Outcome {
        for rule in rules where rule.conditions.allSatisfy({ answer.fits($0.place, $0.matcher) }) {
            guard rule.outcome.proof == .sent else {
                var outcome = Outcome(rule.outcome)
                if rule.hasCommonCause { outcome.commonCause = KeyHash(words(of: answer)) }
                return outcome
            }
            switch rule.id {
            case .none: return Outcome(rule.outcome)
            case .unstated: return Outcome(.ambiguous)
            case .place(let place):
                // Without the provider's id, it cannot be proved later that the provider has the message.
                guard let id = answer.first(place), !id.isEmpty else { return Outcome(.ambiguous) }
                return Outcome(rule.outcome, providerID: id)
            }
        }
        return Outcome(unruled(answer.status))
    }

    /// The meaning of a status without a matching rule.
    private func unruled(_ status: Int) -> Outcome.Kind {
        switch status {
        case 300..<400: .configuration
        case 401: .auth
        case 429: .throttled
        case 400..<500: otherwise
        // An untrusted 2xx, a 5xx, or an invalid status: the message may have been accepted.
        default: .ambiguous
        }
    }

    private func words(of answer: Answer) -> String {
        var words = "HTTP \(answer.status)"
        for place in detail {
            if let text = answer.first(place), !text.isEmpty { words += " \(text)" }
        }
        return words
    }

    private func instant(_ places: [Place], in answer: Answer) -> Instant? {
        for place in places { if let time = answer.first(place).flatMap({ ReceiptTime.instant($0) }) { return time } }
        return nil
    }

    private func wait(asked answer: Answer, now: Instant) -> Duration? {
        for place in retryAfter {
            guard let text = answer.first(place) else { continue }
            if let seconds = Double(text), seconds >= 0, seconds <= 86_400 * 30 {
                return .milliseconds(Int64(seconds * 1000))
            }
            if let date = MailDate.instant(http: text) { return max(.zero, date - now) }
        }
        return nil
    }
}

/// One response. Its JSON is parsed when a rule first needs it.
private final class Answer {
    let status: Int
    private let headers: [(name: String, value: String)]
    private let body: [UInt8]
    private let plan: ResponsePlan
    private lazy var root: JSONRef? =
        body.isEmpty ? nil : try? JSONDocument.parse(body, limits: ResponsePlan.limits).root

    init(status: Int, headers: [(name: String, value: String)], body: [UInt8], plan: ResponsePlan) {
        self.status = status
        self.headers = headers
        self.body = body
        self.plan = plan
    }

    func fits(_ place: ResponsePlan.Place, _ matcher: ResponsePlan.Matcher) -> Bool {
        switch matcher {
        case .status(let classes, let codes): return classes.contains(status / 100) || codes.contains(status)
        case .present: return any(place) { _ in true }
        case .absent: return !any(place) { _ in true }
        case .equals(let values): return any(place) { values.contains($0) }
        case .pattern(let pattern): return any(place) { pattern.matches($0.utf8) }
        }
    }

    func first(_ place: ResponsePlan.Place) -> String? {
        var found: String?
        _ = any(place) {
            found = $0
            return true
        }
        return found
    }

    private func any(_ place: ResponsePlan.Place, where body: (String) -> Bool) -> Bool {
        switch place {
        case .status: return body(String(status))
        case .header(let name):
            return headers.contains {
                $0.name.utf8.count == name.utf8.count && $0.name.lowercased() == name && body($0.value)
            }
        case .json(let path):
            guard let root else { return false }
            return path.any(in: root) { value in Self.text(of: value).map(body) ?? false }
        case .xml(let name): return element(name).map(body) ?? false
        case .variable(let index): return any(plan.variables[index], where: body)
        case .text: return !self.body.isEmpty && body(String(decoding: self.body, as: UTF8.self))
        }
    }

    /// The text between the first `<NAME>` and the next `</NAME>`.
    private func element(_ name: String) -> String? {
        let text = String(decoding: self.body, as: UTF8.self)
        guard let start = text.firstRange(of: "<\(name)>"),
            let end = text[start.upperBound...].firstRange(of: "</\(name)>")
        else { return nil }
        return String(text[start.upperBound..<end.lowerBound])
    }

    /// A scalar's text. null has no text; a list or an object is its JSON.
    private static func text(of value: JSONRef) -> String? {
        if value.isNull { return nil }
        return value.string ?? String(decoding: value.rawBytes, as: UTF8.self)
    }
}
