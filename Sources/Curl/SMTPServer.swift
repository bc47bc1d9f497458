public import Text

/// A mail server that accepts our messages, and our credentials for it.
///
/// Two equal values share one pool of connections.
public struct SMTPServer: Hashable, Sendable, Redacted {
    /// Whether the connection is upgraded to TLS before anything else is sent (RFC 3207).
    public enum StartTLS: Sendable {
        /// Sends nothing without TLS. The only right choice when there is a password.
        case required
        /// Uses TLS if the server offers it. Protects against eavesdroppers, not against someone who rewrites the
        /// offer.
        case opportunistic
        /// Uses plain text, for a server on this machine.
        case none
    }

    /// `smtp://host:port`, or `smtps://host:port` for TLS from the first byte.
    public var url: String

    /// The user name for AUTH; nil sends mail without AUTH.
    public var username: String?

    /// The password for AUTH.
    public var password: String?

    /// An OAuth 2 access token for AUTH, in place of the password: OAUTHBEARER (RFC 7628) or XOAUTH2.
    public var bearer: String?

    /// Whether `smtp://` is upgraded to TLS.
    public var startTLS: StartTLS

    /// The name for EHLO; nil lets libcurl use this machine's name.
    public var helloName: String?

    /// How the server's certificate is verified.
    public var tls: TLSOptions

    /// A server that requires TLS.
    public init(
        url: String, username: String? = nil, password: String? = nil, bearer: String? = nil,
        startTLS: StartTLS = .required,
        helloName: String? = nil, tls: TLSOptions = TLSOptions()
    ) {
        self.url = url
        self.username = username
        self.password = password
        self.bearer = bearer
        self.startTLS = startTLS
        self.helloName = helloName
        self.tls = tls
    }

    /// Throws when libcurl would misread the URL or the EHLO name.
    func validate() throws(TransferFailure) {
        guard url.hasPrefix("smtp://") || url.hasPrefix("smtps://") else {
            throw .invalid("The mail server's URL starts with neither smtp:// nor smtps://; correct it.")
        }
        let authority = url.utf8.drop { $0 != UInt8(ascii: "/") }.dropFirst(2)
        guard !authority.isEmpty, authority.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.isForbidden($0) }) else {
            throw .invalid("The mail server's URL holds more than host and port; give smtp://host:port.")
        }
        let name = helloName ?? "name"
        guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.isForbidden($0) }) else {
            throw .invalid("The name for EHLO is not a host name; correct it.")
        }
        for text in [username ?? "", password ?? "", bearer ?? ""]
        where !text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
            throw .invalid("The mail server's user name, password or token holds a control character; correct it.")
        }
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "/") || byte == UInt8(ascii: "@") || byte == UInt8(ascii: "?")
            || byte == UInt8(ascii: "#") || byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">")
    }
}
