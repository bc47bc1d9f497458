/// How servers are checked, and how we show who we are. TLS 1.2 is the least that is spoken.
public struct TLSOptions: Sendable, Hashable {
    /// A PEM file of trusted certificate authorities in place of the system's.
    public var caFile: String?

    /// Whether the server's certificate and name are checked. False is for tests only.
    public var verifiesServer: Bool

    /// A PEM file of our own certificate, for servers that ask for one (APNs).
    public var clientCertificateFile: String?

    /// The PEM file of the certificate's private key, unencrypted.
    public var clientKeyFile: String?

    /// Checks servers against the system's authorities and shows no certificate.
    public init(
        caFile: String? = nil, verifiesServer: Bool = true, clientCertificateFile: String? = nil,
        clientKeyFile: String? = nil
    ) {
        self.caFile = caFile
        self.verifiesServer = verifiesServer
        self.clientCertificateFile = clientCertificateFile
        self.clientKeyFile = clientKeyFile
    }
}
