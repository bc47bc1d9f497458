import Files
import JSON
import SobreModel
import SobreSettings
import TerminalOutput
import Text

/// Files that are attached to every message of an import.
struct AttachedFiles {
    /// `"attachments":[…]`, the files in base64.
    private let member: [UInt8]

    /// Reads and checks files before anything is sent. Nil when there are none.
    ///
    /// - Parameters:
    ///   - paths: the files.
    ///   - limits: how many there may be, and how large.
    /// - Throws: `CommandFailure` for a file that may not be attached, `FileError` for one that cannot be read.
    init?(_ paths: [String], limits: AttachmentLimits) throws {
        if paths.isEmpty { return nil }
        guard paths.count <= limits.maxCount else {
            throw CommandFailure(
                .data,
                "\(paths.count) files are to be attached; at most \(limits.maxCount) may be "
                    + "(attachments.max_count).")
        }
        var files: [EmailContent.Attachment] = []
        for path in paths {
            let name = path.split(separator: "/").last.map { String($0) } ?? path
            let file = EmailContent.Attachment(
                filename: name, contentType: AttachmentRule.contentType(ofFilename: name),
                // One byte more shows that it is too large.
                content: try TextFile.readStart(of: path, atMost: limits.maxBytes + 1))
            if let problem = limits.problem(in: file) { throw CommandFailure(.data, "\(path): \(problem.sentence)") }
            files.append(file)
        }
        if let problem = limits.problem(inAll: files) { throw CommandFailure(.data, "--attach: \(problem)") }
        member = Self.member(of: files)
    }

    private static func member(of files: [EmailContent.Attachment]) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { writer in
            for file in files {
                writer.object { writer in
                    writer.member("filename", file.filename)
                    writer.member("content", Base64.encode(file.content))
                }
            }
        }
        return Array("\"attachments\":".utf8) + writer.bytes
    }

    /// A message with the files.
    ///
    /// - Parameter line: the message, one JSON object. What is none is left as it is, for its own error.
    /// - Returns: the line; nil when the message has `attachments` of its own.
    func added(to line: ArraySlice<UInt8>) -> [UInt8]? {
        guard let root = (try? JSONDocument.parse(Array(line)))?.root, root.kind == .object,
            let end = line.lastIndex(of: UInt8(ascii: "}"))
        else { return Array(line) }
        if root["attachments"] != nil { return nil }
        let comma = root.count > 0 ? [UInt8(ascii: ",")] : []
        return line[..<end] + comma + member + [UInt8(ascii: "}")]
    }
}
