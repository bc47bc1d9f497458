import ChildProcess
import Files
import TestFolders

/// Brokers in a process of their own. See Tests/kafka-mock.
public struct MockBrokers: Sendable {
    /// Their addresses, as clients name them.
    public let servers: String
    private let process: ChildProcess
    /// Holds the program's files as long as the brokers are used.
    private let folder = TemporaryFolder()

    /// Why the brokers do not serve.
    public struct Failure: Error, CustomStringConvertible {
        public var description: String
    }

    /// Starts brokers that hold records.
    ///
    /// - Parameters:
    ///   - topic: the name of the only topic.
    ///   - partitions: the values of each partition, in order.
    /// - Throws: an error when the program does not start.
    public init(topic: String, partitions: [[String]]) async throws {
        let lines = partitions.enumerated().flatMap { number, values in values.map { "\(number) \($0)\n" } }
        try TextFile.replace("\(folder.path)/records", with: lines.joined())
        guard let program = Self.program else { throw Failure(description: "kafka-mock is not beside the tests") }
        let output = "\(folder.path)/servers"
        process = try ChildProcess(
            path: program, arguments: [topic, "\(partitions.count)", "\(folder.path)/records"],
            output: .file(output))
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if let text = try? TextFile.readText(output), text.hasSuffix("\n") {
                servers = String(text.dropLast())
                return
            }
            if let ending = process.poll() { throw Failure(description: "kafka-mock ended: \(ending)") }
            try await Task.sleep(for: .milliseconds(20))
        }
        process.stop()
        throw Failure(description: "kafka-mock named no brokers in 60 s")
    }

    /// The tests and the programs are built into the same folder.
    private static var program: String? {
        for argument in CommandLine.arguments {
            var folder = argument
            while folder.contains("/") {
                folder = FilePath.folder(of: folder)
                if TextFile.exists("\(folder)/kafka-mock") { return "\(folder)/kafka-mock" }
                if folder == "/" { break }
            }
        }
        return nil
    }

    /// Ends the process.
    public func stop() { process.stop() }
}
