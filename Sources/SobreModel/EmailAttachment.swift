extension EmailContent {
    /// A file of an email: attached to it, or shown inside its HTML.
    public struct Attachment: Hashable, Sendable {
        public var filename: String
        /// The media type, with parameters if it has any: `application/pdf`, `text/calendar; method=REQUEST`.
        public var contentType: String
        /// The id under which the HTML shows the file, as `cid:ID`; nil for a file that is attached.
        public var contentID: String?
        /// The bytes. Empty in a message that the store returned, until ``load(_:)``.
        public private(set) var content: [UInt8]
        /// The number of bytes, also before they are loaded.
        public let byteCount: Int
        /// Stands for the bytes where two files are compared.
        public let digest: KeyHash

        /// Makes an attachment with its bytes.
        public init(filename: String, contentType: String, content: [UInt8], contentID: String? = nil) {
            self.filename = filename
            self.contentType = contentType
            self.contentID = contentID
            self.content = content
            byteCount = content.count
            var hash = StableHash()
            content.withUnsafeBufferPointer { hash.combine($0) }
            digest = hash.keyHash
        }

        /// Makes an attachment whose bytes are loaded later.
        public init(filename: String, contentType: String, contentID: String?, byteCount: Int, digest: KeyHash) {
            self.filename = filename
            self.contentType = contentType
            self.contentID = contentID
            content = []
            self.byteCount = byteCount
            self.digest = digest
        }

        /// Whether the HTML shows the file.
        public var isInline: Bool { contentID != nil }

        /// Whether the bytes are there.
        public var isLoaded: Bool { content.count == byteCount }

        /// Sets the bytes of a file that the store returned.
        ///
        /// - Parameter bytes: the bytes.
        /// - Returns: whether their number is right. If not, nothing is changed.
        public mutating func load(_ bytes: [UInt8]) -> Bool {
            guard bytes.count == byteCount else { return false }
            content = bytes
            return true
        }

        /// The file in one line: `invoice.pdf, application/pdf, 12.4 kB`.
        public var summary: String {
            let size = byteCount < 1000 ? "\(byteCount) bytes" : "\(byteCount / 1000).\(byteCount % 1000 / 100) kB"
            return "\(filename), \(contentType), \(size)" + (contentID.map { ", shown as cid:\($0)" } ?? "")
        }

        /// The same file with zeros for bytes that are not loaded, to measure a request before it is made.
        public var measurable: Attachment {
            var copy = self
            if !isLoaded { copy.content = [UInt8](repeating: 0, count: byteCount) }
            return copy
        }
    }
}
