internal import JSON
public import SobreDelivery
internal import SobreModel
internal import Text

extension ManifestProvider {
    public var polling: (any PollingProvider)? { ManifestPoll(self) }
}

/// Asks a provider for the fate of messages as its manifest says.
struct ManifestPoll: PollingProvider {
    private let provider: ManifestProvider
    private let plan: PollPlan

    /// Nil for a manifest without `poll:`.
    init?(_ provider: ManifestProvider) {
        guard let plan = provider.manifest.poll else { return nil }
        self.provider = provider
        self.plan = plan
    }

    var name: String { provider.name }
    var pollTerms: PollTerms { plan.terms }

    /// The longest time that a question may take where neither the manifest nor the instance says.
    private static let timeout = Duration.seconds(30)

    func poll(_ ids: [String], over transport: any Transport, completion: @escaping @Sendable (PollAnswer) -> Void) {
        provider.withToken(over: transport, timeout: provider.timeout ?? Self.timeout) { answer in
            switch answer {
            case .refused(let outcome): completion(.failed(outcome.detail))
            case .ready(let token, let timeout):
                switch call(for: ids, token: token?.text, timeout: timeout) {
                case .refused(let outcome): completion(.failed(outcome.detail))
                case .call(let call): transport.call(call) { completion(read($0, token, ids)) }
                }
            }
        }
    }

    private func call(for ids: [String], token: String?, timeout: Duration) -> ManifestProvider.Built {
        guard let path = provider.binding.text(of: plan.path) else {
            return .refused(Outcome(.configuration, detail: "a setting of the path of poll is not set"))
        }
        var headers: [(name: String, value: String)] = [("Accept", "application/json")]
        var body: [UInt8] = []
        var url = provider.binding.endpoint + path
        if let member = plan.ids {
            headers.append(("Content-Type", "application/json"))
            var writer = JSONWriter()
            writer.object { writer in
                writer.key(member)
                writer.value(ids)
            }
            body = writer.take()
        } else {
            var id: [UInt8] = []
            Escaping.path.append(ids.first ?? "", to: &id)
            // A segment that consists of dots could leave the path.
            guard !id.allSatisfy({ $0 == UInt8(ascii: ".") }) else {
                return .refused(Outcome(.contentRejected, detail: "the id of the message is not one"))
            }
            url = url.replacing(PollPlan.idMark, with: String(decoding: id, as: UTF8.self))
        }
        var call = HTTPCall(
            method: plan.ids == nil ? "GET" : "POST", url: url, headers: headers, body: body,
            version: provider.manifest.httpVersion, timeout: timeout)
        call.clientCertificate = provider.binding.clientCertificate
        let now = provider.time.now()
        let evaluator = RequestEvaluator(outbound: .placeholder, binding: provider.binding, now: now)
        return provider.authorised(call, evaluator, token: token, now: now)
    }

    private func read(_ answer: HTTPAnswer, _ token: IssuedToken?, _ ids: [String]) -> PollAnswer {
        switch answer {
        case .failure(let fault): return .failed(fault.message)
        case .response(200..<300, _, let body):
            guard let fates = plan.fates(in: body, of: ids) else { return .failed("the answer cannot be read") }
            return .fates(fates)
        case .response(let status, _, _):
            if status == 401, let token { _ = provider.binding.credential.keeper?.rejected(token) }
            return .failed("HTTP \(status)")
        }
    }
}
