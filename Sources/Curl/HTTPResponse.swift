/// A complete HTTP response.
public struct HTTPResponse: Sendable {
    /// The status code, 200…599.
    public let status: Int

    /// The header fields of the final response.
    public let headers: HTTPHeaderBlock

    /// The body as received. No content coding is requested or decoded.
    public let body: [UInt8]
}
