import Curl
import JSON

/// Talks to a running server over its API.
struct ServerClient: Sendable {
    let url: String
    private let key: String?
    private let loop: CurlLoop

    /// The most that one request may take.
    private static let timeout = Duration.seconds(120)

    /// - Parameters:
    ///   - url: the server's address, without a path.
    ///   - key: the API key (`SOBRE_API_KEY`); nil where the server needs none.
    init(url: String, key: String?) {
        self.url = url
        self.key = key
        loop = CurlLoop()
    }

    /// Ends the connection.
    func close() async { await loop.shutdown() }

    /// Makes a request and returns its status with the JSON that came back.
    ///
    /// - Throws: ``CommandFailure`` when the server does not answer or refuses the key.
    func send(
        _ method: String, _ path: String, body: [UInt8] = [], contentType: String = "application/json",
        headers more: [(name: String, value: String)] = []
    ) async throws(CommandFailure) -> (status: Int, document: JSONDocument?) {
        var headers = [(name: "Accept", value: "application/json")] + more
        if !body.isEmpty { headers.append((name: "Content-Type", value: contentType)) }
        if let key { headers.append((name: "Authorization", value: "Bearer \(key)")) }
        let request = HTTPRequest(
            method: method, url: url + path, headers: headers, body: body, totalTimeout: Self.timeout,
            maxResponseBytes: 64 << 20)
        let result = await loop.perform(request)
        guard let response = result.response else {
            throw CommandFailure(
                .unavailable,
                "The server at \(url) owns the data directory but does not answer: "
                    + "\(result.failure.map(String.init(describing:)) ?? "no reason given") Is sobre serve running?")
        }
        if response.status == 401 || response.status == 403 {
            throw CommandFailure(
                .noPermission,
                "The server at \(url) refuses the API key. Put one with the right scope into SOBRE_API_KEY; "
                    + "sobre keys create makes one.")
        }
        let limits = JSONLimits(maxDepth: 64, maxBytes: 64 << 20)
        return (response.status, try? JSONDocument.parse(response.body, limits: limits))
    }

    /// The sentence of a problem answer (RFC 9457).
    static func detail(of document: JSONDocument?, status: Int) -> String {
        let problem = document?.root
        guard let detail = problem?["detail"]?.string ?? problem?["title"]?.string else {
            return "It answered \(status)."
        }
        let field = problem?["field"]?.string.map { "Field \"\($0)\": " } ?? ""
        let expected = problem?["expected"]?.string.map { " Expected: \($0)." } ?? ""
        return field + detail + expected
    }
}
