import Testing

@testable import Curl

struct HTTPRequestTests {
    @Test(
        "Text that could add a header or a request is rejected",
        arguments: [
            HTTPRequest(url: "http://h/", headers: [("X-A", "a\r\nX-B: b")]),
            HTTPRequest(url: "http://h/", headers: [("X-A", "a\nb")]),
            HTTPRequest(url: "http://h/", headers: [("X-A", "a\rb")]),
            HTTPRequest(url: "http://h/", headers: [("X-A", "a\0b")]),
            HTTPRequest(url: "http://h/", headers: [("X-A: b\r\nX-C", "d")]),
            HTTPRequest(url: "http://h/", headers: [("", "d")]),
            HTTPRequest(url: "http://h/", headers: [("X A", "d")]),
            HTTPRequest(url: "http://h/", headers: [("Content-Length", "1")]),
            HTTPRequest(url: "http://h/", headers: [("transfer-encoding", "chunked")]),
            HTTPRequest(url: "http://h/", headers: [("Expect", "100-continue")]),
            HTTPRequest(method: "GET / HTTP/1.1\r\nX:", url: "http://h/"),
            HTTPRequest(method: "", url: "http://h/"),
            HTTPRequest(url: "http://h/a b"),
            HTTPRequest(url: "http://h/a\r\nHost: other"),
            HTTPRequest(url: "file:///etc/passwd"),
            HTTPRequest(url: "smtp://h/"),
            HTTPRequest(url: ""),
            HTTPRequest(url: "http://h/", headers: [("X-A", String(repeating: "a", count: 20_000))]),
            HTTPRequest(url: "http://h/", totalTimeout: .zero),
        ])
    func refusals(request: HTTPRequest) async {
        let loop = CurlLoop()
        let result = await loop.perform(request)
        #expect(result.failure?.reason == .invalidRequest)
        #expect(result.failure?.delivery == .configuration)
        #expect(result.failure?.description.hasSuffix(".") == true)
        await loop.shutdown()
    }

    @Test("UTF-8 and tabs in values are allowed", arguments: ["é", "a\tb", "", " "])
    func allowed(value: String) throws {
        try HTTPRequest(url: "HTTPS://h/", headers: [("X-A", value)]).validate()
    }

    @Test("Requests are counted by scheme, host and port")
    func origins() {
        func key(_ url: String) -> UInt64 { HTTPRequest(url: url).originKey }
        #expect(key("https://a.example/x") == key("HTTPS://A.example/y?z"))
        #expect(key("https://a.example") == key("https://a.example?q=/"))
        #expect(key("https://a.example/") != key("http://a.example/"))
        #expect(key("https://a.example/") != key("https://a.example:444/"))
        #expect(key("https://a.example/") != key("https://b.example/"))
    }
}
