/// The position of a value in a receipt.
enum ReceiptPlace: Sendable, Hashable {
    /// A field of a form.
    case form(String)
    case query(String)
    /// A header's name in lower case.
    case header(String)
    /// A value of the event, or of the whole body where a signature is concerned.
    case json(JSONPath)
    /// The whole body.
    case body
    /// The URL that the provider was given, with the query of the request.
    case url

    /// - Throws: ``ExpressionError`` when the text names no place.
    init(_ text: String) throws(ExpressionError) {
        if text == "body" {
            self = .body
        } else if text == "url" {
            self = .url
        } else if text.hasPrefix("query:") {
            self = .query(String(text.dropFirst(6)))
        } else if text.hasPrefix("form:") {
            self = .form(String(text.dropFirst(5)))
        } else if text.hasPrefix("header:") {
            self = .header(String(text.dropFirst(7)).lowercased())
        } else if text.hasPrefix("json:") {
            self = .json(try JSONPath(String(text.dropFirst(5))))
        } else {
            throw ExpressionError(
                "\"\(text)\" is not a place in a receipt",
                help: "write form:NAME, query:NAME, header:NAME, json:PATH, body or url")
        }
    }
}
