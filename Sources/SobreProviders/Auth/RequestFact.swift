/// What a recipe can say about its request. The raw value is the path.
enum RequestFact: String, CaseIterable, Sendable {
    case method = "request.method"
    case url = "request.url"
    case host = "request.host"
    /// Path and query.
    case target = "request.target"
    case body = "request.body"
    /// Seconds since 1970.
    case timestamp = "request.timestamp"
    /// The time as an HTTP date.
    case date = "request.date"
}
