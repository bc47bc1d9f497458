import Glibc
import TestBed

/// The kernel's figures about another process.
struct ProcessMeter {
    private let processID: Int32
    private let begun: Double
    private let bytesBefore: Int

    init(_ processID: Int32) {
        self.processID = processID
        begun = Self.processorSeconds(processID)
        bytesBefore = Self.writtenBytes(processID)
    }

    /// Processor time since this meter was made.
    var seconds: Double { ((Self.processorSeconds(processID) - begun) * 100).rounded() / 100 }

    /// The bytes sent to the disk since this meter was made: pages of the write-ahead log, and those that checkpoints copy
    /// into the database.
    var writtenBytes: Int { Self.writtenBytes(processID) - bytesBefore }

    /// Resident memory now and at its highest, in MB.
    var residentMB: (now: Int, peak: Int) {
        let status = Files.read("/proc/\(processID)/status") ?? ""
        func kilobytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
            return line.flatMap { $0.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } } ?? 0
        }
        return (kilobytes("VmRSS") / 1024, kilobytes("VmHWM") / 1024)
    }

    private static func writtenBytes(_ processID: Int32) -> Int {
        let lines = (Files.read("/proc/\(processID)/io") ?? "").split(separator: "\n")
        let line = lines.first { $0.hasPrefix("write_bytes:") }
        return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    private static func processorSeconds(_ processID: Int32) -> Double {
        let fields =
            (Files.read("/proc/\(processID)/stat") ?? "").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
