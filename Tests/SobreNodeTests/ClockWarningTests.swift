import Files
import Logging
import SobreModel
import SobreSettings
import SobreStoreConformance
import SobreWire
import Synchronization
import Testing

@testable import SobreNode

@Suite("A clock in doubt") struct ClockWarningTests {
    @Test func `is told by the condition with the command that helps, until it is right again`() async throws {
        try await withTemporaryDirectory { directory in
            try TextFile.replace("\(directory)/policy.yaml", with: "categories: {}\n")
            try Folder.make("\(directory)/templates")
            try Folder.make("\(directory)/providers")
            let settings = try Settings.parse(
                """
                data: {directory: data}
                paths: {templates: templates, providers: providers, policy: policy.yaml}
                """, file: "sobre.yaml", folder: directory, environment: Environment())
            let ahead = Mutex<Int64>(0)
            let clock = SteadyClock(read: {
                let reading = SteadyClock.systemReading()
                return .init(wall: reading.wall + ahead.withLock { $0 }, monotonic: reading.monotonic)
            })
            var logger = Logger(label: "clock")
            logger.logLevel = .critical
            let node = try await Node.open(settings, time: clock, logger: logger, environment: Environment())
            let monitor = NodeMonitor(node: node, logger: logger)
            var condition = await monitor.condition()
            #expect(condition.isClockTrusted && condition.warnings.isEmpty, "\(condition.warnings)")
            ahead.withLock { $0 = 3_600_000_000_000 }
            condition = await monitor.condition()
            #expect(!condition.isClockTrusted && condition.subjects == [.clock])
            #expect(
                condition.warnings.count == 1 && condition.warnings[0].contains("timedatectl"), "\(condition.warnings)")
            ahead.withLock { $0 = 0 }
            condition = await monitor.condition()
            #expect(condition.isClockTrusted && condition.warnings.isEmpty, "\(condition.warnings)")
            await node.close()
        }
    }
}
