import JSON
import SobreModel
import SobreSettings
import Text

/// Reads the files of a message: `attachments`.
extension MessageReader {
    static let attachmentKeys = ["filename", "content", "content_type", "content_id"]
    static let attachmentExample =
        "a list such as [{\"filename\": \"invoice.pdf\", \"content\": \"JVBERi0…\"}]"

    /// Reads `[{"filename": …, "content": base64, "content_type": …, "content_id": …}]`.
    ///
    /// - Parameters:
    ///   - value: the list, or null.
    ///   - fields: reads the members.
    /// - Returns: the files with their bytes.
    /// - Throws: ``IntakeProblem`` with the member that is at fault and what would be right.
    func attachments(
        _ value: JSONRef, _ fields: FieldReader
    ) throws(IntakeProblem) -> [EmailContent.Attachment] {
        if value.isNull { return [] }
        var files: [EmailContent.Attachment] = []
        for element in try fields.array(value, atMost: limits.attachments.maxCount, Self.attachmentExample) {
            files.append(try attachment(element, fields))
        }
        if let problem = limits.attachments.problem(inAll: files) {
            throw IntakeProblem(.invalidValue, field: value.path, message: problem)
        }
        return files
    }

    private func attachment(
        _ ref: JSONRef, _ fields: FieldReader
    ) throws(IntakeProblem) -> EmailContent.Attachment {
        var filename: String?
        var type: String?
        var id: String?
        var content: JSONRef?
        for (key, value) in try fields.object(ref, "a file") {
            switch key.string {
            case "filename": filename = try string(value, "the file's name, such as \"invoice.pdf\"", fields)
            case "content_type":
                if !value.isNull { type = try string(value, "a type such as \"application/pdf\"", fields) }
            case "content_id": if !value.isNull { id = try string(value, "an id such as \"logo\"", fields) }
            case "content": content = value
            default: throw fields.unknownKey(key, known: Self.attachmentKeys)
            }
        }
        guard let filename else {
            throw fields.missing("filename", in: ref, "the file's name, such as \"invoice.pdf\"")
        }
        guard let content else { throw fields.missing("content", in: ref, "the file's bytes in base64") }
        let file = EmailContent.Attachment(
            filename: filename, contentType: type ?? AttachmentRule.contentType(ofFilename: filename),
            content: try bytes(content, fields), contentID: id)
        if let problem = limits.attachments.problem(in: file) {
            let isSize = problem.member == "content" && file.byteCount > 0
            throw IntakeProblem(
                isSize ? .tooLong : .invalidValue, field: "\(ref.path).\(problem.member)", message: problem.sentence)
        }
        return file
    }

    private func string(_ ref: JSONRef, _ expected: String, _ fields: FieldReader) throws(IntakeProblem) -> String {
        guard let text = ref.string else { throw fields.wrongType(ref, expected) }
        return text
    }

    private func bytes(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> [UInt8] {
        let expected = "the file's bytes in standard base64, without line breaks and without data:…;base64,"
        guard let text = ref.string else { throw fields.wrongType(ref, expected) }
        // Before it is decoded: three bytes take four characters.
        let most = limits.attachments.maxBytes
        guard text.utf8.count / 4 * 3 <= most + 3 else {
            throw IntakeProblem(
                .tooLong, field: ref.path,
                message:
                    "The file has about \(text.utf8.count / 4 * 3) bytes; at most \(most) are allowed (attachments.max_file)."
            )
        }
        do {
            return try Base64.decode(text)
        } catch {
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "The content is not base64: \(error.problem).",
                expected: expected)
        }
    }
}
