public import JSON
public import SobreModel

extension JSONWriter {
    /// Writes a list of files without their bytes, with the names that ``MessageReader`` reads.
    ///
    /// - Parameter files: the files.
    public mutating func files(_ files: [EmailContent.Attachment]) {
        array { writer in
            for file in files {
                writer.object { writer in
                    writer.member("filename", ifPresent: file.filename)
                    writer.member("content_type", ifPresent: file.contentType)
                    writer.member("content_id", ifPresent: file.contentID)
                    writer.key("bytes")
                    writer.value(file.byteCount)
                }
            }
        }
    }
}
