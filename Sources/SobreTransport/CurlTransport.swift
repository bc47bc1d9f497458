public import Curl
public import SobreDelivery

/// A transport over libcurl. This is the only place that connects delivery to curl.
public struct CurlTransport: Transport {
    private let loop: CurlLoop
    /// Carries HTTP/2, whose connections are few; nil: the same loop does.
    private let multiplexLoop: CurlLoop?
    private let mailLoop: MailLoop
    private let connectTimeout: Duration
    private let maxResponseBytes: Int

    /// - Parameters:
    ///   - loop: carries the HTTP calls.
    ///   - multiplexLoop: carries those over HTTP/2. libcurl opens connections as fast as requests come until the first
    ///     one is established, so that only a loop of their own with few connections a host keeps them few.
    ///   - mailLoop: carries the mails.
    ///   - connectTimeout: the longest time for connecting, within the call's own timeout.
    ///   - maxResponseBytes: longer responses fail with the proof `unknown`.
    public init(
        loop: CurlLoop, multiplexLoop: CurlLoop? = nil, mailLoop: MailLoop, connectTimeout: Duration = .seconds(5),
        maxResponseBytes: Int = 1 << 20
    ) {
        self.loop = loop
        self.multiplexLoop = multiplexLoop
        self.mailLoop = mailLoop
        self.connectTimeout = connectTimeout
        self.maxResponseBytes = maxResponseBytes
    }

    public func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) {
        let request = HTTPRequest(
            method: call.method, url: call.url, headers: call.headers, body: call.body,
            version: call.version == .http2 ? .http2 : .http1, connectTimeout: min(connectTimeout, call.timeout),
            totalTimeout: call.timeout, maxResponseBytes: maxResponseBytes,
            clientIdentity: call.clientCertificate.map { ClientIdentity(certificate: $0.certificate, key: $0.key) },
            mayBegin: call.mayBegin)
        // Without TLS there is no HTTP/2: what it is spoken to in its place needs a connection for each call.
        let isMultiplexed = call.version == .http2 && call.url.hasPrefix("https:")
        (isMultiplexed ? multiplexLoop ?? loop : loop).submit(request) { result in
            switch result.outcome {
            case .success(let response):
                completion(.response(status: response.status, headers: response.headers.fields, body: response.body))
            case .failure(let failure): completion(.failure(TransportFault(failure)))
            }
        }
    }
}

extension CurlTransport {
    public func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
        let submission = MailSubmission(
            server: SMTPServer(call.relay), from: call.from, recipients: [call.recipient], data: call.data,
            connectTimeout: min(connectTimeout, call.timeout), totalTimeout: call.timeout, mayBegin: call.mayBegin)
        mailLoop.submit(submission) { result in
            switch result.outcome {
            case .accepted(let reply, let queueID, _):
                completion(.accepted(code: reply.code, text: reply.text, queueID: queueID))
            case .rejected(let stage, let reply):
                completion(
                    .rejected(
                        stage: MailAnswer.Stage(stage), code: reply.code, enhanced: reply.enhancedStatus,
                        text: reply.text))
            case .failed(let failure):
                guard let refusal = failure.refusal else { return completion(.failure(TransportFault(failure))) }
                let reply = refusal.reply
                completion(
                    .rejected(
                        stage: MailAnswer.Stage(refusal.stage), code: reply.code, enhanced: reply.enhancedStatus,
                        text: reply.text))
            }
        }
    }
}

extension SMTPServer {
    init(_ relay: MailRelay) {
        let scheme = relay.security == .tls ? "smtps" : "smtp"
        self.init(
            url: "\(scheme)://\(relay.host):\(relay.port)", username: relay.username, password: relay.password,
            bearer: relay.bearer, startTLS: relay.security == .startTLS ? .required : .none, helloName: relay.helloName,
            tls: TLSOptions(caFile: relay.caFile))
    }
}

extension MailAnswer.Stage {
    init(_ stage: MailStage) {
        switch stage {
        case .connection: self = .connect
        case .login: self = .login
        case .sender: self = .mail
        case .recipient: self = .rcpt
        case .data: self = .data
        case .message: self = .final
        }
    }
}

extension TransportFault {
    /// Converts a failed transfer and what it proves about the message.
    init(_ failure: TransferFailure) {
        let code: Int
        if case .curl(let number) = failure.reason { code = number } else { code = 0 }
        let proof: Proof =
            switch failure.delivery {
            case .notSent: .notSent
            case .unknown: .unknown
            case .configuration: .configuration
            }
        self.init(proof, code: code, failure.description)
    }
}
