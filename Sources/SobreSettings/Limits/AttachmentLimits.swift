public import SobreModel

/// The limits of the files of an email. Section `attachments` of the settings.
public struct AttachmentLimits: Sendable, Hashable {
    /// The number of files of one email, a template's and the message's own together.
    public var maxCount = 20
    /// The size of one file, in bytes.
    public var maxBytes = 10 << 20
    /// The size of all files of one email together, in bytes.
    public var maxTotalBytes = 10 << 20
    /// Media types that no file may have, in lower case and without parameters.
    public var forbiddenTypes: Set<String> = [
        "application/hta", "application/java-archive", "application/vnd.microsoft.portable-executable",
        "application/x-executable", "application/x-ms-installer", "application/x-msdos-program",
        "application/x-msdownload", "application/x-msi", "application/x-sh",
    ]
    /// Endings of names that no file may have, in lower case and without the dot. Mailbox providers refuse these.
    public var forbiddenExtensions: Set<String> = [
        "ade", "adp", "apk", "appx", "appxbundle", "bat", "cab", "chm", "cmd", "com", "cpl", "dll", "dmg", "exe", "ex_",
        "gadget", "hta", "ins", "iso", "isp", "jar", "js", "jse", "lib", "lnk", "mde", "msc", "msi", "msix", "msp",
        "mst", "pif", "ps1", "reg", "scr", "sct", "shb", "sys", "vb", "vbe", "vbs", "vhd", "vxd", "wsc", "wsf", "wsh",
        "xll",
    ]

    public init() {}

    static let keys: [SettingsKey<Self>] = [
        .count("max_count", \.maxCount, 0...1_000), .bytes("max_file", \.maxBytes, 1...(64 << 20)),
        .bytes("max_total", \.maxTotalBytes, 1...(64 << 20)),
    ]

    /// What is wrong with one file, without its content: its name, type, id or size.
    ///
    /// - Parameter file: the file.
    /// - Returns: the member that is at fault (`filename`, `content_type`, `content_id`, `content`) and a sentence;
    ///   nil if nothing is wrong.
    public func problem(in file: EmailContent.Attachment) -> (member: String, sentence: String)? {
        if let problem = AttachmentRule.problem(inFilename: file.filename) {
            return ("filename", "The name of the file \(problem).")
        }
        if let name = AttachmentRule.fileExtension(of: file.filename), forbiddenExtensions.contains(name) {
            return (
                "filename",
                "Files that end in .\(name) may not be sent (attachments.forbidden_extensions): mailbox providers refuse them."
            )
        }
        if let problem = AttachmentRule.problem(inContentType: file.contentType) {
            return ("content_type", "The content type \(problem).")
        }
        let media = file.contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
        if forbiddenTypes.contains(media) {
            return ("content_type", "Files of the type \(media) may not be sent (attachments.forbidden_types).")
        }
        if let id = file.contentID, let problem = AttachmentRule.problem(inContentID: id) {
            return ("content_id", "The content id \(problem).")
        }
        if file.byteCount == 0 { return ("content", "The file is empty.") }
        if file.byteCount > maxBytes {
            return (
                "content",
                "The file has \(file.byteCount) bytes; at most \(maxBytes) are allowed (attachments.max_file)."
            )
        }
        return nil
    }

    /// What is wrong with the files of one email together.
    ///
    /// - Parameter files: the files, each of which is valid.
    /// - Returns: a sentence; nil if nothing is wrong.
    public func problem(inAll files: [EmailContent.Attachment]) -> String? {
        if files.count > maxCount {
            return "There are \(files.count) files; at most \(maxCount) are allowed (attachments.max_count)."
        }
        let total = files.reduce(0) { $0 + $1.byteCount }
        if total > maxTotalBytes {
            return
                "The files have \(total) bytes together; at most \(maxTotalBytes) are allowed (attachments.max_total)."
        }
        var ids: Set<String> = []
        for id in files.compactMap(\.contentID) where !ids.insert(id).inserted {
            return "Two files have the content id \(id); each needs its own."
        }
        return nil
    }
}
