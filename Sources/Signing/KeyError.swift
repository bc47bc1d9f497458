/// A key that cannot be read or used.
public enum KeyError: Error, CustomStringConvertible {
    /// The text or bytes contain no readable key.
    case unreadable(String)
    /// The key is of another type than the algorithm needs.
    case wrongType(algorithm: SignatureAlgorithm, problem: String)
    /// OpenSSL could not sign.
    case signing(OpenSSLError)

    /// A full sentence that says what to do.
    public var description: String {
        switch self {
        case .unreadable(let problem):
            "The key cannot be read: \(problem)"
        case .wrongType(let algorithm, let problem):
            "The key does not fit \(algorithm.rawValue): \(problem) Give a key of the right type."
        case .signing(let error):
            "\(error) Check that the key is intact."
        }
    }
}
