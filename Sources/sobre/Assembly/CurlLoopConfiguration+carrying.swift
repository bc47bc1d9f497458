import Curl

extension CurlLoopConfiguration {
    /// A loop for so many calls at once. What exceeds its connections waits in the loop: libcurl does not look at the time
    /// of a transfer that waits for a connection inside.
    static func carrying(_ calls: Int) -> CurlLoopConfiguration {
        var configuration = CurlLoopConfiguration()
        configuration.maxInFlight = min(calls, configuration.maxConnections)
        configuration.maxWaiting = max(calls, configuration.maxWaiting)
        return configuration
    }
}
