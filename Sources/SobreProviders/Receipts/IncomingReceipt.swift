internal import JSON

/// One receipt request while it is verified and read. Its parts are parsed when they are first needed.
final class IncomingReceipt {
    let request: ReceiptRequest
    /// The URL that the provider was given, without its query; nil: none is configured.
    let url: String?
    private(set) lazy var form = FormFields(request.body)
    private(set) lazy var query = FormFields(Array(request.query.utf8))
    private(set) lazy var root: JSONRef? = try? JSONDocument.parse(request.body, limits: Self.limits).root

    /// The bounds of a receipt's JSON. Its bytes are bounded by the server.
    static let limits = JSONLimits(maxDepth: 32, maxNodes: 200_000)
    /// The longest text that is read from a receipt.
    private static let maxTextBytes = 2048

    init(_ request: ReceiptRequest, url: String?) {
        self.request = request
        self.url = url
    }

    /// A value's text.
    ///
    /// - Parameters:
    ///   - place: where the value is.
    ///   - event: the event that paths are relative to; nil: the whole body.
    ///   - cutsLong: whether the begin of a text is enough where it is too long.
    /// - Returns: nil if there is none, it is empty or too long.
    func text(_ place: ReceiptPlace, in event: JSONRef? = nil, cutsLong: Bool = false) -> String? {
        let text: String? =
            switch place {
            case .form(let name): form[name]
            case .query(let name): query[name]
            case .header(let name): request.headers[name]
            case .json(let path): (event ?? root).flatMap { path.first(in: $0) }.flatMap(Self.text)
            case .body: String(validating: request.body, as: UTF8.self)
            case .url: fullURL
            }
        guard let text, !text.isEmpty else { return nil }
        if text.utf8.count <= Self.maxTextBytes { return text }
        return cutsLong ? String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.maxTextBytes / 4))) : nil
    }

    /// The bytes that a signature covers; nil if one of its parts is missing.
    func bytes(of text: ReceiptText) -> [UInt8]? {
        var out: [UInt8] = []
        for part in text.parts {
            switch part {
            case .text(let bytes): out.append(contentsOf: bytes)
            case .place(.body): out.append(contentsOf: request.body)
            case .place(let place):
                guard let value = self.text(place) else { return nil }
                out.append(contentsOf: value.utf8)
            }
        }
        return out
    }

    private var fullURL: String? {
        url.map { request.query.isEmpty ? $0 : "\($0)?\(request.query)" }
    }

    private static func text(of value: JSONRef) -> String? {
        if value.isNull { return nil }
        return value.string ?? String(decoding: value.rawBytes, as: UTF8.self)
    }
}
