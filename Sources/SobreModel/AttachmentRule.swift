internal import Text

/// The one rule for names, types and ids of attachments, wherever they come from: a template's folder or a message.
///
/// The problems are the end of a sentence that begins with what was given.
public enum AttachmentRule {
    /// A file name's most bytes, as file systems allow.
    public static let maxNameBytes = 255
    static let maxTypeBytes = 200
    static let maxContentIDBytes = 100

    /// What is wrong with a file's name, or nil.
    ///
    /// - Parameter name: the name, without a folder.
    /// - Returns: the end of a sentence about the name.
    public static func problem(inFilename name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.utf8.count > maxNameBytes { return "has more than \(maxNameBytes) bytes" }
        if name.unicodeScalars.contains(where: NameRule.isControl) {
            return "holds a control character such as a line end"
        }
        if name.unicodeScalars.contains(where: isDirectional) {
            return "holds a character that reverses the direction of text, which can hide the file's type"
        }
        if name.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) {
            return "holds a path; give the file's name alone"
        }
        if name.hasPrefix(" ") || name.hasSuffix(" ") || name.hasSuffix(".") {
            return "begins or ends with a space, or ends with a dot, which some systems remove"
        }
        return nil
    }

    /// The characters that change the direction of the text after them (Unicode, UAX #9). Letters of scripts that are
    /// written from right to left are not among them.
    private static func isDirectional(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// What is wrong with a media type, or nil.
    ///
    /// - Parameter type: a type with or without parameters.
    /// - Returns: the end of a sentence about the type.
    public static func problem(inContentType type: String) -> String? {
        guard type.utf8.count <= maxTypeBytes, let pieces = pieces(ofContentType: type), let media = pieces.first else {
            return "is not of the form application/pdf or text/calendar; method=REQUEST"
        }
        let names = media.split(separator: "/", omittingEmptySubsequences: false)
        guard names.count == 2, names.allSatisfy({ MIMEToken.isValid($0) }) else {
            return "is not of the form application/pdf or text/calendar; method=REQUEST"
        }
        for parameter in pieces.dropFirst() where !isParameter(parameter) {
            return "has a parameter that is not of the form name=value"
        }
        // RFC 2046: such parts are built of others and cannot be encoded.
        if ["multipart", "message"].contains(names[0].lowercased()) {
            return "is a kind of email, not of file; attach it as application/octet-stream"
        }
        return nil
    }

    /// The media type and the parameters, without the spaces between them; nil when a quotation does not end.
    ///
    /// - Parameter type: a type with or without parameters.
    /// - Returns: `text/calendar`, `method=REQUEST`.
    public static func pieces(ofContentType type: String) -> [String]? {
        var pieces = [""]
        var isQuoted = false
        var isEscaped = false
        for scalar in type.unicodeScalars {
            guard scalar.value >= 0x20, scalar.value < 0x7F else { return nil }
            if scalar == ";", !isQuoted {
                pieces.append("")
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\", isQuoted {
                isEscaped = true
            } else if scalar == "\"" {
                isQuoted.toggle()
            }
            if pieces[pieces.count - 1].isEmpty, scalar == " " { continue }
            pieces[pieces.count - 1].unicodeScalars.append(scalar)
        }
        return isQuoted ? nil : pieces.map { String($0.reversed().drop { $0 == " " }.reversed()) }
    }

    private static func isParameter(_ text: String) -> Bool {
        guard let equals = text.firstIndex(of: "=") else { return false }
        let value = text[text.index(after: equals)...]
        guard MIMEToken.isValid(text[..<equals]) else { return false }
        return MIMEToken.isValid(value) || value.count >= 2 && value.hasPrefix("\"") && value.hasSuffix("\"")
    }

    /// What is wrong with the id of an image in the HTML, or nil.
    ///
    /// - Parameter id: the id, as it stands behind `cid:`.
    /// - Returns: the end of a sentence about the id.
    public static func problem(inContentID id: String) -> String? {
        let isPlain = id.utf8.allSatisfy { $0.isASCIIAlphanumeric || ".-_+@=".utf8.contains($0) }
        guard !id.isEmpty, id.utf8.count <= maxContentIDBytes, isPlain else {
            return "is not 1 to \(maxContentIDBytes) letters, digits and .-_+@= as in logo or logo@shop.example, "
                + "without cid: and angle brackets"
        }
        return nil
    }

    /// The letters behind a name's last dot, in lower case; nil without a dot.
    public static func fileExtension(of name: String) -> String? {
        name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() }
    }

    /// The media type of a file by its name, if it is a common one, else `application/octet-stream`.
    public static func contentType(ofFilename name: String) -> String {
        fileExtension(of: name).flatMap { types[$0] } ?? "application/octet-stream"
    }

    private static let types = [
        "csv": "text/csv", "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "gif": "image/gif", "gz": "application/gzip", "htm": "text/html", "html": "text/html", "ics": "text/calendar",
        "jpeg": "image/jpeg", "jpg": "image/jpeg", "json": "application/json", "md": "text/markdown",
        "odt": "application/vnd.oasis.opendocument.text", "pdf": "application/pdf",
        "pkpass": "application/vnd.apple.pkpass", "png": "image/png",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation", "svg": "image/svg+xml",
        "txt": "text/plain", "vcf": "text/vcard", "webp": "image/webp",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xml": "application/xml",
        "zip": "application/zip",
    ]
}
