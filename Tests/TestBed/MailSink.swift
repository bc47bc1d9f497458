import ChildProcess
import Glibc

/// Postfix's `smtp-sink` on a free loopback port: an independent mail server that records what it receives.
public final class MailSink: Sendable {
    static let path = "/usr/sbin/smtp-sink"

    public static var isInstalled: Bool { access(path, X_OK) == 0 }

    public let port: Int
    private let folder: String
    private let process: ChildProcess

    /// One email as the sink recorded it.
    public struct Mail: Sendable {
        /// The envelope as recorded by the sink, then the email itself. Lines end with LF.
        public let text: String

        /// The value of the first line `NAME: value` before the first empty line. Folded lines are joined.
        public func field(_ name: String) -> String? {
            let head = text.firstRange(of: "\n\n").map { text[..<$0.lowerBound] } ?? text[...]
            var value: String?
            for line in head.split(separator: "\n", omittingEmptySubsequences: false) {
                if let known = value {
                    guard line.hasPrefix(" ") || line.hasPrefix("\t") else { return known }
                    value = known + line
                } else if line.lowercased().hasPrefix(name.lowercased() + ": ") {
                    value = String(line.dropFirst(name.count + 2))
                }
            }
            return value
        }
    }

    /// Starts the sink and waits until it listens, for at most five seconds.
    ///
    /// - Parameters:
    ///   - options: Further options, such as `-W .:2` (two seconds before the reply to the end of an email).
    ///   - folder: The folder in which it writes each email to its own file.
    ///   - records: Whether it writes them. A measurement does not.
    /// - Throws: ``TestBed/Failure`` with the sink's output when it does not listen.
    public init(_ options: [String] = [], folder: String, records: Bool = true) throws {
        port = try Ports.free()
        self.folder = folder
        try Files.makeFolder(folder)
        // When run as root, the sink requires a user to switch to.
        let user = geteuid() == 0 ? ["-u", "root"] : []
        process = try ChildProcess(
            path: Self.path,
            arguments: user + (records ? ["-d", "\(folder)/mail."] : []) + options + ["127.0.0.1:\(port)", "512"],
            errors: .file("\(folder)/errors"))
        let deadline = ContinuousClock.now + .seconds(5)
        while !Ports.isListening(port) {
            guard process.wait(atMost: .milliseconds(2)) == nil, ContinuousClock.now < deadline else {
                process.signal(SIGKILL)
                throw TestBed.Failure("smtp-sink does not listen: \(Files.read("\(folder)/errors") ?? "")")
            }
        }
    }

    deinit { stop() }

    public func stop() {
        process.signal(SIGKILL)
        _ = process.wait(atMost: .seconds(5))
    }

    /// The emails recorded so far, in no order. An email that is still being received is left out.
    public func mails() throws -> [Mail] {
        try Files.list(folder).filter { $0.hasPrefix("mail.") }.compactMap { name in
            Files.read("\(folder)/\(name)").map { Mail(text: $0) }
        }
    }
}

/// Loopback ports.
enum Ports {
    /// A port that is not in use at the moment.
    static func free() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw TestBed.Failure("no port is free: \(String(cString: strerror(errno)))") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func isListening(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: UInt16(port))
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }
}
