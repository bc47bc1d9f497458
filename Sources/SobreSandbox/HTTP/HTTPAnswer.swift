internal import JSON

/// An HTTP response to send.
struct HTTPAnswer {
    var status: Int
    var contentType: String
    var headers: [(name: String, value: String)] = []
    var body: [UInt8]

    var isSuccess: Bool { (200...299).contains(status) }

    static func json(_ status: Int, _ body: (inout JSONWriter) -> Void) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: "application/json", body: jsonObject(body))
    }

    /// Problem details (RFC 9457). `detail` is a sentence that says what to do.
    static func problem(_ status: Int, _ title: String, _ detail: String) -> HTTPAnswer {
        var answer = json(status) { json in
            json.field("type", "about:blank")
            json.field("title", title)
            json.field("status", status)
            json.field("detail", detail)
        }
        answer.contentType = "application/problem+json"
        return answer
    }

    static func notFound(_ what: String) -> HTTPAnswer { problem(404, "Not Found", what) }
}
