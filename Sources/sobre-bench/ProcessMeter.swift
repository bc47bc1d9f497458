import Glibc
import TestBed

/// The kernel's figures about another process.
struct ProcessMeter {
    private let processID: Int32
    private let begun: Double

    init(_ processID: Int32) {
        self.processID = processID
        begun = Self.processorSeconds(processID)
    }

    /// Processor time since this meter was made.
    var seconds: Double { ((Self.processorSeconds(processID) - begun) * 100).rounded() / 100 }

    /// Resident memory now and at its highest, in MB.
    var residentMB: (now: Int, peak: Int) {
        let status = Files.read("/proc/\(processID)/status") ?? ""
        func kilobytes(_ name: String) -> Int {
            let line = status.split(separator: "\n").first { $0.hasPrefix(name) }
            return line.flatMap { $0.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } } ?? 0
        }
        return (kilobytes("VmRSS") / 1024, kilobytes("VmHWM") / 1024)
    }

    private static func processorSeconds(_ processID: Int32) -> Double {
        let fields =
            (Files.read("/proc/\(processID)/stat") ?? "").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
