internal import SobreModel
internal import SobreSettings

/// The files of emails.
extension RenderJob {
    /// The template's files for the locale, then the message's own.
    ///
    /// - Parameter shown: the ids of the images that the HTML shows.
    /// - Returns: the files; those of a message may be without their bytes.
    /// - Throws: when they are more than allowed together, or the HTML shows an image that is not among them.
    func attachments(shownInHTML shown: Set<String>) throws(RenderStop) -> [EmailContent.Attachment] {
        if template.files.isEmpty, message.attachments.isEmpty, shown.isEmpty { return [] }
        let files = template.files.files(for: profile?.locale) + message.attachments
        if let problem = options.attachments.problem(inAll: files) {
            throw .failed("The attachments of \(template.manifest.name) and of the message cannot be sent: \(problem)")
        }
        let known = Set(files.compactMap(\.contentID))
        guard let missing = shown.subtracting(known).min() else { return files }
        let ids = known.isEmpty ? "there is none" : "there are \(known.sorted().joined(separator: ", "))"
        throw .failed(
            "The HTML of \(template.manifest.name) shows cid:\(missing), but no attachment has that content_id (\(ids)). "
                + "List the image under attachments: in template.yaml, or send it with the message.")
    }
}
