import Curl
import SobreSettings

extension CurlLoopConfiguration {
    /// Allows `calls` calls and connections at once. Providers that hang are held to their shares and leave places for
    /// the others, and no call spends its timeout waiting for a connection.
    init(_ limits: HTTPClientLimits, carrying calls: Int) {
        self.init(
            maxInFlight: calls, maxInFlightPerHost: limits.maxPerHost, maxWaiting: max(calls, limits.maxWaiting),
            maxConnectionsPerHost: limits.maxConnectionsPerHost, maxStreamsPerConnection: limits.maxStreams,
            maxConnections: max(calls, limits.maxPerHost),
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
