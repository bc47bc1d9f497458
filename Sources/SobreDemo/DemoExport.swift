import TerminalOutput

/// Writes what the demonstration's journey engine asks for, and whom, to files: for `sobre simulate`, or to be sent.
public struct DemoExport {
    let purchases: [Purchase]

    public init(purchases: [Purchase]) { self.purchases = purchases }

    /// Bytes that are collected before they are written.
    private static let block = 1 << 20

    /// Writes one message request a line, with its `send_at`. Returns how many there are.
    public func writeRequests(to path: String) throws -> Int {
        let sends = Journey.sends(for: purchases)
        try write(sends.lazy.map(\.timedLine), to: path)
        return sends.count
    }

    /// Writes one profile a line. Returns how many there are.
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
