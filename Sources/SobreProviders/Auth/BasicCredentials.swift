internal import Text

/// Basic authentication (RFC 7617).
enum BasicCredentials {
    /// The value of the Authorization header.
    static func value(user: String, password: String) -> String {
        "Basic " + Base64.encode(Array("\(user):\(password)".utf8))
    }
}
