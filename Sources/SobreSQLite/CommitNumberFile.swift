import Files
import SobreStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The number of the last acknowledged commit, in a small file beside the database.
///
/// SQLite opens a database whose write-ahead log is missing or cut without a word, as it was before the lost commits. The
/// database counts its commits; this file, which is written behind each, tells when the database has fewer. It is not
/// synced: a power cut may leave it behind the database, never ahead of it.
final class CommitNumberFile {
    static let fileName = "sobre.commits"
    /// The number, and its complement, which tells a torn write.
    private static let bytes = 16

    private let descriptor: Int32

    /// - Parameter directory: the data directory.
    /// - Throws: `io` when the file cannot be opened.
    init(directory: String) throws(StoreError) {
        let path = "\(directory)/\(Self.fileName)"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(
                .io, "The file \(path) cannot be opened; check its owner and permissions.",
                underlying: String(cString: strerror(errno)))
        }
    }

    deinit { close(descriptor) }

    /// Notes a commit. A failure is not reported: the file is then behind the database, which is harmless.
    func write(_ number: Int64) {
        let pair = (number.littleEndian, ~number.littleEndian)
        _ = withUnsafeBytes(of: pair) { pwrite(descriptor, $0.baseAddress, Self.bytes, 0) }
    }

    /// The number in a data directory; 0 where there is none that can be read.
    static func read(in directory: String) -> Int64 {
        guard let bytes = try? TextFile.read("\(directory)/\(fileName)", atMost: Self.bytes), bytes.count == Self.bytes
        else {
            return 0
        }
        let numbers = [0, 8].map { start in
            bytes[start..<start + 8].reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
        }
        return numbers[1] == ~numbers[0] ? numbers[0] : 0
    }
}
