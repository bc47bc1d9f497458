import TerminalOutput

/// Writes the demonstration's requests and profiles to files, for `sobre simulate`, `sobre enqueue` and `sobre profiles
/// import`.
public struct DemoExport {
    let purchases: [Purchase]

    public init(purchases: [Purchase]) { self.purchases = purchases }

    /// The number of bytes that are buffered before a write.
    private static let block = 1 << 20

    /// Writes one message request per line, with its `send_at`. Returns their number.
    public func writeRequests(to path: String) throws -> Int {
        let sends = Journey.sends(for: purchases)
        try write(sends.lazy.map(\.timedLine), to: path)
        return sends.count
    }

    /// Writes one profile per line. Returns their number.
    public func writeProfiles(to path: String) throws -> Int {
        let customers = Set(purchases.map(\.customer)).sorted()
        try write(customers.lazy.map { DemoPeople.profile(of: $0) }, to: path)
        return customers.count
    }

    private func write(_ lines: some Sequence<[UInt8]>, to path: String) throws {
        let output = try OutputFile(path, mode: 0o644)
        var waiting: [UInt8] = []
        waiting.reserveCapacity(Self.block + 4096)
        for line in lines {
            waiting += line
            waiting.append(0x0A)
            guard waiting.count >= Self.block else { continue }
            try output.write(waiting)
            waiting.removeAll(keepingCapacity: true)
        }
        try output.write(waiting)
    }
}
