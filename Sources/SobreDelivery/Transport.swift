public import Text

/// Network access for providers. Completions are called exactly once, on any thread.
public protocol Transport: Sendable {
    func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void)
    func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void)
}

/// One HTTP request.
public struct HTTPCall: Sendable, Redacted {
    /// The HTTP version. The raw value is the one in manifests.
    public enum Version: String, Sendable {
        case http1 = "1.1"
        case http2 = "2"
    }

    public var method: String
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    public var version: Version
    public var timeout: Duration
    /// Proves to the server who we are; nil: the server asks for no certificate.
    public var clientCertificate: ClientCertificate?
    /// Asked when the first byte would leave, on the transport's thread; false ends the call with the proof `notSent`.
    /// Nil: it may always begin.
    public var mayBegin: (@Sendable () -> Bool)?

    public init(
        method: String = "POST", url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        version: Version = .http1, timeout: Duration, mayBegin: (@Sendable () -> Bool)? = nil
    ) {
        self.mayBegin = mayBegin
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.version = version
        self.timeout = timeout
    }
}

/// A certificate with its private key, for servers that ask their clients for one (mutual TLS).
public struct ClientCertificate: Sendable, Hashable, Redacted {
    /// PEM, with the intermediate certificates after it.
    public var certificate: [UInt8]
    /// PEM, unencrypted.
    public var key: [UInt8]

    public init(certificate: [UInt8], key: [UInt8]) {
        self.certificate = certificate
        self.key = key
    }
}

/// The result of an HTTP request.
public enum HTTPAnswer: Sendable {
    case response(status: Int, headers: [(name: String, value: String)], body: [UInt8])
    case failure(TransportFault)
}

/// One mail to one envelope recipient through one relay.
public struct MailCall: Sendable {
    public var relay: MailRelay
    public var from: String
    public var recipient: String
    /// The message with CRLF line ends. The transport does the dot-stuffing.
    public var data: [UInt8]
    public var timeout: Duration
    /// Asked before the first command and again before the text; false ends the call with the proof `notSent`. Nil: it
    /// may always begin.
    public var mayBegin: (@Sendable () -> Bool)?

    public init(
        relay: MailRelay, from: String, recipient: String, data: [UInt8], timeout: Duration,
        mayBegin: (@Sendable () -> Bool)? = nil
    ) {
        self.mayBegin = mayBegin
        self.relay = relay
        self.from = from
        self.recipient = recipient
        self.data = data
        self.timeout = timeout
    }
}

/// A mail server that accepts mail for delivery.
public struct MailRelay: Hashable, Sendable, Redacted {
    /// Whether and when the connection uses TLS. The raw value is the one in settings.
    public enum Security: String, CaseIterable, Sendable {
        case none
        case startTLS = "starttls"
        case tls
    }

    public var host: String
    public var port: Int
    public var security: Security
    public var username: String?
    public var password: String?
    /// An OAuth 2 access token, sent with the user name in place of a password (XOAUTH2, or OAUTHBEARER of RFC 7628).
    public var bearer: String?
    /// The name sent with EHLO; nil for this machine's host name.
    public var helloName: String?
    /// A PEM file of the trusted certificate authorities; nil for the system's.
    public var caFile: String?

    public init(
        host: String, port: Int, security: Security = .startTLS, username: String? = nil, password: String? = nil,
        helloName: String? = nil, caFile: String? = nil
    ) {
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.helloName = helloName
        self.caFile = caFile
    }
}

/// The result of handing over a mail.
public enum MailAnswer: Sendable {
    /// 2xx after the end of data.
    case accepted(code: Int, text: String, queueID: String?)
    /// A definite 4xx or 5xx response.
    case rejected(stage: Stage, code: Int, enhanced: String?, text: String)
    case failure(TransportFault)

    /// The stage of the SMTP conversation.
    public enum Stage: String, CaseIterable, Sendable {
        /// The greeting, or EHLO.
        case connect
        /// AUTH.
        case login
        case mail, rcpt, data, final
    }
}

/// Why there is no answer, and what that proves.
public struct TransportFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// What the failure proves about the request.
    public enum Proof: Hashable, Sendable {
        /// The request was never sent.
        case notSent
        /// The request may have been processed.
        case unknown
        /// The request was never sent, and cannot be until the settings are fixed.
        case configuration
    }

    public var proof: Proof
    /// libcurl's result number, or 0.
    public var code: Int
    /// A sentence without credentials.
    public var message: String

    public init(_ proof: Proof, code: Int = 0, _ message: String) {
        self.proof = proof
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
