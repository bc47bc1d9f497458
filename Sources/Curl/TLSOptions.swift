/// How servers are verified and which client certificate is used. The minimum version is TLS 1.2.
public struct TLSOptions: Sendable, Hashable {
    /// A PEM file of trusted certificate authorities that replaces the system's.
    public var caFile: String?

    /// Whether the server's certificate and name are verified. Set to false only in tests.
    public var verifiesServer: Bool

    /// A PEM file of our client certificate, for servers that request one (APNs).
    public var clientCertificateFile: String?

    /// The PEM file of the certificate's private key, unencrypted.
    public var clientKeyFile: String?

    /// Verifies servers against the system's authorities and uses no client certificate.
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
