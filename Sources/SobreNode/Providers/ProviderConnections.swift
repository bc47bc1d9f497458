import Curl
import SobreSettings
import SobreTransport

/// The connections over which providers are called.
struct ProviderConnections: Sendable {
    let loop: CurlLoop
    private let multiplexLoop: CurlLoop
    private let mailLoop: MailLoop
    let transport: CurlTransport

    /// - Parameters:
    ///   - settings: their bounds and timeouts.
    ///   - calls: how many calls may be in progress at once.
    init(_ settings: Settings, carrying calls: Int) {
        loop = CurlLoop(configuration: CurlLoopConfiguration(settings.httpClient, carrying: calls))
        var multiplexed = CurlLoopConfiguration(settings.httpClient, carrying: calls)
        multiplexed.maxConnectionsPerHost = settings.httpClient.maxMultiplexedPerHost
        multiplexLoop = CurlLoop(configuration: multiplexed)
        mailLoop = MailLoop(configuration: MailLoopConfiguration(settings.mailClient))
        transport = CurlTransport(
            loop: loop, multiplexLoop: multiplexLoop, mailLoop: mailLoop,
            connectTimeout: settings.httpClient.connectTimeout,
            maxResponseBytes: settings.httpClient.maxAnswerBytes)
    }

    func shutdown() async {
        await loop.shutdown()
        await multiplexLoop.shutdown()
        await mailLoop.shutdown()
    }
}
