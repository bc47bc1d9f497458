import Curl
public import JSON
public import SobreSettings
import SobreStore
import SobreWire
public import Text

/// A client of a running server's API.
public struct ServerClient: Sendable, Redacted {
    /// The server's address, without a path.
    public let url: String
    private let key: String?
    private let loop: CurlLoop

    /// The maximum duration of a request.
    private static let timeout = Duration.seconds(120)

    /// - Parameters:
    ///   - url: the server's address, without a path.
    ///   - key: the API key (`SOBRE_API_KEY`), or nil if the server needs none.
    public init(url: String, key: String?) {
        self.url = url
        self.key = key
        loop = CurlLoop()
    }

    /// Closes the connections.
    public func close() async { await loop.shutdown() }

    /// Sends a request and returns the status and the JSON of the response.
    ///
    /// - Throws: ``ClientError`` if the server does not answer or rejects the key.
    func send(
        _ method: String, _ path: String, body: [UInt8] = [], contentType: String = "application/json",
        headers more: [(name: String, value: String)] = []
    ) async throws(ClientError) -> (status: Int, document: JSONDocument?) {
        var headers = [(name: "Accept", value: "application/json")] + more
        if !body.isEmpty { headers.append((name: "Content-Type", value: contentType)) }
        headers += Self.authorHeaders
        if let key { headers.append((name: "Authorization", value: "Bearer \(key)")) }
        let request = HTTPRequest(
            method: method, url: url + path, headers: headers, body: body, totalTimeout: Self.timeout,
            maxResponseBytes: 64 << 20)
        let result = await loop.perform(request)
        guard let response = result.response else {
            throw ClientError(
                .unavailable,
                "The server at \(url) owns the data directory but does not answer: "
                    + "\(result.failure.map(String.init(describing:)) ?? "no reason given") Is sobre serve running?")
        }
        if response.status == 401 || response.status == 403 {
            throw ClientError(
                .noPermission,
                "The server at \(url) rejected the API key. Create a key with the required scope with sobre keys create, "
                    + "and set SOBRE_API_KEY to it.")
        }
        let limits = JSONLimits(maxDepth: 64, maxBytes: 64 << 20)
        return (response.status, try? JSONDocument.parse(response.body, limits: limits))
    }

    /// Says who changes something, and why. The server takes the name from the owner of the data directory only.
    private static var authorHeaders: [(name: String, value: String)] {
        guard let author = Author.current else { return [] }
        var headers: [(name: String, value: String)] = []
        if author.name.hasPrefix("command:") {
            headers.append(("Sobre-User", PercentEncoding.encode(String(author.name.dropFirst("command:".count)))))
        }
        if !author.note.isEmpty { headers.append(("Sobre-Note", PercentEncoding.encode(author.note))) }
        return headers
    }

    /// The text of a problem response (RFC 9457).
    static func detail(of document: JSONDocument?, status: Int) -> String {
        guard let problem = document.flatMap({ ProblemDocument($0.root) }) else { return "It answered \(status)." }
        return problem.sentence
    }

    /// The error for an unsuccessful response.
    static func refusal(
        _ code: ClientError.Code, _ answer: (status: Int, document: JSONDocument?), _ what: String = ""
    ) -> ClientError {
        ClientError(code, what + detail(of: answer.document, status: answer.status))
    }
}

extension ServerClient {
    /// Makes a client of the server that owns the data directory. Its address is the one in ``RunningServerFiles``, or the
    /// configured one if there is no mark. The key is `SOBRE_API_KEY`, or the mark's owner key.
    public init(owning settings: Settings, environment: Environment = .process) {
        let usual = "http://\(settings.server.host):\(settings.server.port)"
        let mark = RunningServerFiles(directory: settings.data.directory)
        self.init(url: mark.url ?? usual, key: environment["SOBRE_API_KEY"] ?? mark.ownerKey)
    }
}
