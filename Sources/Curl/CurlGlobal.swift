import CCurl

/// libcurl's process-wide state.
enum CurlGlobal {
    /// Initialises libcurl once. Every loop reads this before it makes its first handle. It is never undone, because
    /// other code in the process may use libcurl too.
    static let ready: Void = {
        let result = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        precondition(result == CURLE_OK, "libcurl cannot start: \(String(cString: curl_easy_strerror(result))).")
    }()
}
