/// Keeps a token over many requests, and learns from their outcomes whether it still works.
protocol TokenKeeper: Sendable {
    /// Records that the provider accepted the token.
    func accepted(_ token: IssuedToken)

    /// Discards a token that the provider rejected as expired.
    ///
    /// - Returns: false if the token had never worked. Then the account is at fault and not the token's age.
    func rejected(_ token: IssuedToken) -> Bool
}
