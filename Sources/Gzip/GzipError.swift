/// Why a gzip body cannot be decompressed.
public enum GzipError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text does not begin like gzip, or uses a method other than deflate.
    case notGzip
    /// The text ends before the compressed data does.
    case truncated
    /// The compressed data is not valid.
    case corrupt(String)
    /// The decompressed text has more than the allowed number of bytes.
    case tooLarge(limit: Int)

    /// The error as a sentence.
    public var description: String {
        switch self {
        case .notGzip: "The body is not gzip (RFC 1952)."
        case .truncated: "The gzip body ends early."
        case .corrupt(let what): "The gzip body is damaged: \(what)."
        case .tooLarge(let limit): "The decompressed body has more than \(limit) bytes."
        }
    }
}
