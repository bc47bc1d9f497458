import JSON
import SobreIntake
import SobreModel
import SobreSettings
import Testing

@Suite struct MessageAttachmentTests {
    private func draft(
        _ attachments: String, channels: String = "[\"email\"]", _ limits: AttachmentLimits = AttachmentLimits()
    ) throws -> MessageDraft {
        var all = IntakeLimits()
        all.attachments = limits
        let text =
            "{\"recipient\":\"a\",\"template\":\"order-confirmed\",\"channels\":\(channels),\"attachments\":\(attachments)}"
        return try MessageReader(limits: all).read(try json(text)).draft(TestCatalogue())
    }

    @Test func `files are read with their types and ids`() throws {
        let files = try draft(
            """
            [{"filename": "Rechnung März.pdf", "content": "JVBERi0xLjQK"},
             {"filename": "logo.bin", "content": "AQI", "content_type": "image/png", "content_id": "logo"},
             {"filename": "a.txt", "content": "QQ==", "content_type": null, "content_id": null}]
            """
        ).attachments
        #expect(files.map(\.filename) == ["Rechnung März.pdf", "logo.bin", "a.txt"])
        #expect(files.map(\.contentType) == ["application/pdf", "image/png", "text/plain"])
        #expect(files.map(\.contentID) == [nil, "logo", nil])
        #expect(files.map(\.content) == [Array("%PDF-1.4\n".utf8), [1, 2], [65]])
        #expect(try draft("null").attachments.isEmpty)
    }

    /// One file called a.pdf with other members.
    private static func file(_ members: String) -> String { "[{\"filename\":\"a.pdf\",\(members)}]" }

    private static func named(_ name: String) -> String { "[{\"filename\":\"\(name)\",\"content\":\"QQ==\"}]" }

    static let mistakes: [(text: String, code: IntakeProblem.Code, field: String, words: String)] = [
        ("{}", .wrongType, "", "object"),
        ("[7]", .wrongType, "[0]", "number"),
        ("[{\"content\":\"QQ==\"}]", .missingField, "[0].filename", "missing"),
        ("[{\"filename\":\"a.pdf\"}]", .missingField, "[0].content", "missing"),
        (file("\"content\":\"\""), .invalidValue, "[0].content", "empty"),
        (file("\"content\":7"), .wrongType, "[0].content", "number"),
        (file("\"content\":\"Q\""), .invalidValue, "[0].content", "not base64"),
        (file("\"content\":\"QQ=\""), .invalidValue, "[0].content", "not base64"),
        (file("\"content\":\"QQ==\\r\\n\""), .invalidValue, "[0].content", "not base64"),
        (file("\"content\":\"data:,QQ==\""), .invalidValue, "[0].content", "not base64"),
        (file("\"content\":\"QQ==\",\"type\":\"a/b\""), .unknownKey, "[0].type", "type"),
        (named("a\\r\\nb"), .invalidValue, "[0].filename", "control"),
        (named("../a"), .invalidValue, "[0].filename", "path"),
        (named("a\\u202efdp.exe"), .invalidValue, "[0].filename", "direction"),
        (named("a.EXE"), .invalidValue, "[0].filename", ".exe"),
        (
            file("\"content\":\"QQ==\",\"content_type\":\"Application/X-MSDownload; a=b\""), .invalidValue,
            "[0].content_type", "application/x-msdownload"
        ),
        (file("\"content\":\"QQ==\",\"content_type\":\"pdf\""), .invalidValue, "[0].content_type", "form"),
        (file("\"content\":\"QQ==\",\"content_id\":\"<a>\""), .invalidValue, "[0].content_id", "content id"),
        (file("\"content\":\"QUFBQUFBQQ==\""), .tooLong, "[0].content", "max_file"),
        (file("\"content\":\"QUFBQUFBQUFBQUFBQUFBQUFB\""), .tooLong, "[0].content", "max_file"),
        (
            "[{\"filename\":\"a\",\"content\":\"QUFBQUE=\"},{\"filename\":\"b\",\"content\":\"QUFBQUE=\"}]",
            .invalidValue,
            "", "max_total"
        ),
        (
            "[\(Array(repeating: "{\"filename\":\"a\",\"content\":\"QQ==\",\"content_id\":\"x\"}", count: 2).joined(separator: ","))]",
            .invalidValue, "", "content id x"
        ),
        (
            "[\(Array(repeating: "{\"filename\":\"a\",\"content\":\"QQ==\"}", count: 4).joined(separator: ","))]",
            .tooMany,
            "", "at most 3"
        ),
    ]

    @Test(arguments: mistakes.indices)
    func `a mistake names the file, its member and what is wrong`(index: Int) {
        let (text, code, field, words) = Self.mistakes[index]
        var limits = AttachmentLimits()
        limits.maxCount = 3
        limits.maxBytes = 6
        limits.maxTotalBytes = 9
        let bounds = limits
        let problem = #expect(throws: IntakeProblem.self) { try draft(text, bounds) }
        #expect(problem?.code == code, "\(problem?.description ?? "")")
        #expect(problem?.field == "attachments" + field)
        #expect(problem?.message.contains(words) == true, "\(problem?.description ?? "")")
    }

    @Test func `files need a channel that carries them`() throws {
        let file = "[{\"filename\":\"a.pdf\",\"content\":\"QQ==\"}]"
        let problem = #expect(throws: IntakeProblem.self) { try draft(file, channels: "[\"sms\"]") }
        #expect(problem?.field == "attachments" && problem?.message.contains("sms") == true)
        #expect(try draft(file, channels: "[\"sms\",\"email\"]").attachments.count == 1)
    }
}
