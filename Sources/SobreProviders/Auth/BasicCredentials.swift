internal import Text

/// Basic authentication (RFC 7617).
enum BasicCredentials {
    /// The value of the Authorization header.
    static func value(user: String, password: String) -> String { "Basic " + code(user: user, password: password) }

    /// The user and the password in Base64.
    static func code(user: String, password: String) -> String {
        Base64.encode(Array("\(user):\(password)".utf8))
    }
}
