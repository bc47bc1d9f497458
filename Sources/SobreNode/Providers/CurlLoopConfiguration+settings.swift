import Curl
import SobreSettings

extension CurlLoopConfiguration {
    /// A loop with a place and a connection for each of so many calls at once: providers that hang, each held to its share,
    /// leave places for the others, and no call waits for a connection while its time runs.
    init(_ limits: HTTPClientLimits, carrying calls: Int) {
        self.init(
            maxInFlight: calls, maxInFlightPerHost: limits.maxPerHost, maxWaiting: max(calls, limits.maxWaiting),
            maxConnectionsPerHost: limits.maxConnectionsPerHost, maxConnections: max(calls, limits.maxPerHost),
            maxIdleTime: limits.idleTime, maxRequestHeaderBytes: limits.maxHeaderBytes)
    }
}

extension MailLoopConfiguration {
    init(_ limits: MailClientLimits) {
        self.init(
            maxWaiting: limits.maxWaiting, maxConnectionsPerServer: limits.maxConnectionsPerRelay,
            maxConnections: limits.maxConnections, maxMessagesPerConnection: limits.maxPerConnection,
            maxIdleTime: limits.idleTime)
    }
}
