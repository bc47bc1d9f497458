import Glibc

/// Writes what the demonstration's journey engine asks for, and whom, to files: for `sobre simulate`, or to be sent.
struct DemoExport {
    let purchases: [Purchase]

    /// Bytes that are collected before they are written.
    private static let block = 1 << 20

    /// Writes one message request a line, with its `send_at`. Returns how many there are.
    func writeRequests(to path: String) throws -> Int {
        let sends = Journey.sends(for: purchases)
        try write(sends.lazy.map(\.timedLine), to: path)
        return sends.count
    }

    /// Writes one profile a line. Returns how many there are.
    func writeProfiles(to path: String) throws -> Int {
        let customers = Set(purchases.map(\.customer)).sorted()
        try write(customers.lazy.map { DemoPeople.profile(of: $0) }, to: path)
        return customers.count
    }

    private func write(_ lines: some Sequence<[UInt8]>, to path: String) throws {
        let isOutput = path == "-"
        let descriptor = isOutput ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw FileError("write", path, errno) }
        defer { if !isOutput { close(descriptor) } }
        var waiting: [UInt8] = []
        waiting.reserveCapacity(Self.block + 4096)
        for line in lines {
            waiting += line
            waiting.append(0x0A)
            guard waiting.count >= Self.block else { continue }
            try flush(&waiting, to: descriptor, named: path)
        }
        try flush(&waiting, to: descriptor, named: path)
    }

    private func flush(_ bytes: inout [UInt8], to descriptor: Int32, named path: String) throws {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError("write", path, errno) }
            written += count
        }
        bytes.removeAll(keepingCapacity: true)
    }
}
