import Files
import Glibc
import SobreProviders

/// Where emails that came back are: an mbox file, a file with one email, a Maildir, a folder, or standard input.
struct MailSource {
    private let path: String
    private let readsOld: Bool

    /// - Parameters:
    ///   - path: the path; `-` for standard input.
    ///   - readsOld: whether the old emails of a Maildir are read too.
    init(_ path: String, readsOld: Bool) {
        self.path = path
        self.readsOld = readsOld
    }

    /// Calls `body` for every email, one after the other.
    ///
    /// - Parameters:
    ///   - maxBytes: how much of each email is read.
    ///   - body: gets the email's place and its bytes, and says whether it is done with. A new email of a Maildir then
    ///     becomes an old one.
    /// - Throws: `FileError` when a file cannot be read; what `body` throws.
    func forEachMail(atMost maxBytes: Int, _ body: (String, [UInt8]) async throws -> Bool) async throws {
        guard path != "-", Folder.exists(path) else {
            _ = try await Self.read(path, atMost: maxBytes, body)
            return
        }
        let isMaildir = Folder.exists("\(path)/new") && Folder.exists("\(path)/cur")
        for folder in isMaildir ? (readsOld ? ["new", "cur"] : ["new"]) : [""] {
            let place = folder.isEmpty ? path : "\(path)/\(folder)"
            for entry in try Folder.entries(in: place) where entry.kind == .file {
                let file = "\(place)/\(entry.name)"
                let isDone = try await Self.read(file, atMost: maxBytes, body)
                // As a mail reader does it: the flag S says that the email was seen.
                guard folder == "new", isDone else { continue }
                if rename(file, "\(path)/cur/\(entry.name):2,S") != 0 { throw FileError("move", file, errno) }
            }
        }
    }

    /// Reads one file.
    ///
    /// - Returns: whether `body` is done with all its emails.
    private static func read(
        _ path: String, atMost maxBytes: Int, _ body: (String, [UInt8]) async throws -> Bool
    ) async throws -> Bool {
        let file = try InputFile(path)
        var splitter = MailboxSplitter(maxBytes: maxBytes)
        var number = 0
        var isDone = true
        func take(_ mail: [UInt8]) async throws {
            number += 1
            isDone = try await body(number == 1 ? file.name : "\(file.name)#\(number)", mail) && isDone
        }
        while let chunk = try file.next() {
            for mail in splitter.add(chunk) { try await take(mail) }
        }
        if let mail = splitter.finish() { try await take(mail) }
        return isDone
    }
}
