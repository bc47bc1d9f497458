public import Curl
public import JSON

/// A client for the API under test.
public final class HTTPClient: Sendable {
    private let loop: CurlLoop

    public init() { loop = CurlLoop(configuration: CurlLoopConfiguration(maxConnectionsPerHost: 64)) }

    public struct Answer: Sendable {
        public var status: Int
        public var body: [UInt8]
        public var headers: HTTPHeaderBlock
        public var text: String { String(decoding: body, as: UTF8.self) }
        public func json() throws -> JSONRef { try JSONDocument.parse(body).root }
    }

    /// Sends one request. Nil when there was no answer because the server is down or was killed meanwhile.
    public func send(
        _ method: String, _ url: String, body: [UInt8] = [], type: String = "application/json",
        headers: [(name: String, value: String)] = [], timeout: Duration = .seconds(30)
    ) async -> Answer? {
        let request = HTTPRequest(
            method: method, url: url, headers: [("Content-Type", type)] + headers, body: body, totalTimeout: timeout,
            maxResponseBytes: 64 << 20)
        guard let response = await loop.perform(request).response else { return nil }
        return Answer(status: response.status, body: response.body, headers: response.headers)
    }

    public func shutdown() async { await loop.shutdown() }
}
