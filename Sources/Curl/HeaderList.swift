import CCurl

/// The header lines of one request, in the list format that `CURLOPT_HTTPHEADER` takes.
///
/// Belongs to one ``Transfer`` and so to the loop thread. libcurl only reads the list, so its nodes and text are in
/// two reusable blocks of our own instead of one allocation per line.
struct HeaderList: ~Copyable {
    /// The capacity that is kept from one request to the next.
    private static let keptBytes = 4 << 10

    private var text = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 10)
    private var nodes = UnsafeMutableBufferPointer<curl_slist>.allocate(capacity: 16)
    private var length = 0
    private var count = 0

    deinit {
        text.deallocate()
        nodes.deallocate()
    }

    /// The list's head; nil when there are no lines. Valid until the next `fill`.
    var head: UnsafeMutableRawPointer? { count == 0 ? nil : UnsafeMutableRawPointer(nodes.baseAddress) }

    /// Writes a request's lines into the list.
    mutating func fill(_ headers: [(name: String, value: String)], carriesBody: Bool) {
        makeRoom(for: headers)
        length = 0
        count = 0
        var namesContentType = false
        // Uses indices, because an iterator would retain and release both texts of each field.
        for index in headers.indices {
            if Self.isContentType(headers[index].name) { namesContentType = true }
            append(headers[index].name, headers[index].value)
        }
        if carriesBody {
            // An empty value makes libcurl omit a field of its own: `Expect`, and the content type of a form.
            appendLine { $0.append("Expect:") }
            if !namesContentType { appendLine { $0.append("Content-Type:") } }
        }
        if count > 0 { nodes[count - 1].next = nil }
    }

    private static func isContentType(_ name: String) -> Bool {
        name.utf8.count == 12 && name.utf8.elementsEqual("content-type".utf8, by: { $0 | 0x20 == $1 })
    }

    private mutating func append(_ name: String, _ value: String) {
        appendLine { list in
            list.append(name)
            if value.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
                // libcurl omits a field given as "Name:" and sends "Name;" with an empty value.
                list.append(";")
            } else {
                list.append(": ")
                list.append(value)
            }
        }
    }

    /// Adds a line whose text is appended by `write`, and links it to the next line.
    private mutating func appendLine(_ write: (inout HeaderList) -> Void) {
        let start = length
        write(&self)
        text[length] = 0
        length += 1
        let line = UnsafeMutableRawPointer(text.baseAddress! + start).assumingMemoryBound(to: CChar.self)
        nodes.initializeElement(at: count, to: curl_slist(data: line, next: nodes.baseAddress! + count + 1))
        count += 1
    }

    private mutating func append(_ part: String) {
        var part = part
        part.withUTF8 { bytes in
            guard let base = bytes.baseAddress else { return }
            (text.baseAddress! + length).initialize(from: base, count: bytes.count)
            length += bytes.count
        }
    }

    private mutating func makeRoom(for headers: [(name: String, value: String)]) {
        var bytes = 64
        for index in headers.indices { bytes += headers[index].name.utf8.count + headers[index].value.utf8.count + 3 }
        if bytes > text.count || text.count > Self.keptBytes && bytes < Self.keptBytes {
            text.deallocate()
            text = .allocate(capacity: max(bytes, 1 << 10))
        }
        if headers.count + 3 > nodes.count {
            nodes.deallocate()
            nodes = .allocate(capacity: headers.count + 16)
        }
    }
}
