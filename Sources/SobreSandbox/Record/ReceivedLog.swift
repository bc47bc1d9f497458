internal import Files
internal import Glibc
internal import JSON

/// The append-only record of received messages, `received.ndjson`.
///
/// Rows are collected in one buffer and passed to the operating system with one `write(2)` before any of their
/// answers is sent. So an answered message always has its row, whether the sender or the sandbox crashes. (This does
/// not cover a power failure: nothing is synced.) Used only on the sandbox's event loop. ``snapshot(_:)`` gives
/// readers on other threads what they need to read the same file.
final class ReceivedLog {
    /// The file's path, or a name for a temporary file.
    let path: String
    let descriptor: Int32
    /// The number of the next row.
    private(set) var nextSeq = 1
    private(set) var index: MessageIndex
    /// The total length of the complete lines in the file, in bytes.
    private(set) var length = 0

    private var buffer: [UInt8] = []
    private var unflushed: [MessageIndex.Entry] = []

    /// Opens the record in a directory, which is created if missing, and continues it. An incomplete last line from
    /// an earlier process is truncated. Without a directory, the record is an unlinked temporary file.
    init(directory: String?, indexedMessages: Int) throws(SandboxError) {
        index = MessageIndex(capacity: indexedMessages)
        if let directory {
            try createDirectory(directory)
            path = directory + "/received.ndjson"
            descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0o644)
        } else {
            path = "a temporary file"
            descriptor = openTemporaryFile()
        }
        guard descriptor >= 0 else { throw .file(path: path, operation: "open", errno: errno) }
        do {
            try lock()
            try recover()
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Assigns the row its number and adds it to the buffer. Nothing is written before ``flush()``.
    func append(_ message: inout ReceivedMessage) {
        message.seq = nextSeq
        nextSeq += 1
        let start = buffer.count
        var json = JSONWriter(appendingTo: buffer)
        buffer = []
        message.write(to: &json)
        json.newline()
        buffer = json.take()
        unflushed.append(entry(of: message, offset: length + start, length: buffer.count - start - 1))
    }

    /// Records that a message's client had disconnected before the answer. Written with the next flush.
    func amendUnanswered(seq: Int) {
        index.markUnanswered(seq: seq)
        buffer.append(contentsOf: RecordLine.amendment(seq: seq))
    }

    /// Passes all appended rows to the operating system. On failure the rows are removed as if never appended.
    func flush() throws(SandboxError) {
        do { try TextFile.write(buffer, to: descriptor, named: path) } catch {
            // Removes a partly written row, so that the next one starts on its own line. If even this fails, the next
            // start removes it.
            _ = ftruncate(descriptor, off_t(length))
            nextSeq -= unflushed.count
            discardBuffer()
            throw .file(path: path, operation: "write to", errno: error.code)
        }
        length += buffer.count
        for entry in unflushed { index.append(entry) }
        discardBuffer()
    }

    /// Removes all rows.
    func reset() throws(SandboxError) {
        guard ftruncate(descriptor, 0) == 0 else { throw .file(path: path, operation: "empty", errno: errno) }
        discardBuffer()
        index.removeAll()
        length = 0
        nextSeq = 1
    }

    /// Closes the file. The log must not be used afterwards.
    func close() {
        Glibc.close(descriptor)
    }

    private func discardBuffer() {
        buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
        unflushed.removeAll(keepingCapacity: unflushed.capacity <= 1 << 14)
    }

    private func entry(of message: ReceivedMessage, offset: Int, length: Int) -> MessageIndex.Entry {
        MessageIndex.Entry(
            seq: message.seq, offset: offset, length: Int32(length), channel: message.channel, isUnanswered: false,
            person: message.person.map(foldedHash) ?? 0, address: foldedHash(message.to))
    }

    private func lock() throws(SandboxError) {
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK {
                throw .configuration("Another sandbox writes \(path); stop it or choose another directory.")
            }
            throw .file(path: path, operation: "lock", errno: errno)
        }
    }

    private func recover() throws(SandboxError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .file(path: path, operation: "inspect", errno: errno) }
        var reader = RecordReader(descriptor: descriptor, path: path, to: Int(status.st_size))
        var number = 0
        while let line = try reader.next() {
            number += 1
            do {
                switch try RecordLine(parsing: line.bytes) {
                case .message(let message):
                    index.append(entry(of: message, offset: line.offset, length: line.bytes.count))
                    nextSeq = message.seq + 1
                case .unanswered(let seq):
                    index.markUnanswered(seq: seq)
                }
            } catch {
                throw .record(path: path, line: number, reason: error.reason)
            }
        }
        length = reader.endOfLines
        if length < Int(status.st_size), ftruncate(descriptor, off_t(length)) != 0 {
            throw .file(path: path, operation: "cut the unfinished last line of", errno: errno)
        }
    }
}

/// A new, already unlinked file in `$TMPDIR` or `/tmp`; negative with `errno` set on failure.
private func openTemporaryFile() -> Int32 {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/sandbox-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { return descriptor }
    unlink(template)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    _ = fcntl(descriptor, F_SETFL, O_APPEND)
    return descriptor
}

/// Creates a directory and its missing parents.
func createDirectory(_ path: String) throws(SandboxError) {
    do { try Folder.make(path, mode: 0o755) } catch {
        throw .file(path: path, operation: "create the directory", errno: error.code)
    }
}
