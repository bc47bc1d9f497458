import Curl

extension CurlLoopConfiguration {
    /// A loop with a place and a connection for each of so many calls at once: providers that hang, each held to its share,
    /// leave places for the others, and no call waits for a connection while its time runs.
    static func carrying(_ calls: Int) -> CurlLoopConfiguration {
        var configuration = CurlLoopConfiguration()
        configuration.maxInFlight = calls
        configuration.maxConnections = max(calls, configuration.maxConnections)
        configuration.maxWaiting = max(calls, configuration.maxWaiting)
        return configuration
    }
}
