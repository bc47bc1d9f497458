import ChildProcess
import Foundation

/// A server that a script is, in a folder of its own: it writes its port to `port`, and what it has seen to `report.json`
/// when it ends.
final class PushServerProcess {
    struct Failed: Error {
        var words: String
    }

    let folder: URL
    let port: Int
    private let process: ChildProcess

    /// Starts the server, and waits up to 20 s for its port.
    ///
    /// - Parameters:
    ///   - program: runs the script, which gets the folder as its argument.
    ///   - name: the script's name.
    ///   - script: its text.
    ///   - files: further files in the folder, by name.
    /// - Throws: ``Failed`` with the server's words when it does not start.
    init(_ program: [String], name: String, script: String, files: [String: String] = [:]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "sobre-apns-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files.merging([name: script], uniquingKeysWith: { $1 }) {
            try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
        }
        process = try ChildProcess(
            path: program[0], arguments: program.dropFirst() + [folder.appending(path: name).path, folder.path],
            errors: .file(folder.appending(path: "errors").path))
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            let written = try? String(contentsOf: folder.appending(path: "port"), encoding: .utf8)
            if let port = written.flatMap({ Int($0) }) {
                self.port = port
                return
            }
            guard process.wait(atMost: .milliseconds(10)) == nil, ContinuousClock.now < deadline else {
                process.signal(SIGKILL)
                throw Failed(words: (try? String(contentsOf: folder.appending(path: "errors"), encoding: .utf8)) ?? "")
            }
        }
    }

    /// Ends the server, which then writes what it has seen.
    func stop<Report: Decodable>(_ type: Report.Type = Report.self) throws -> Report {
        _ = process.stop(within: .seconds(10))
        defer { try? FileManager.default.removeItem(at: folder) }
        return try JSONDecoder().decode(type, from: Data(contentsOf: folder.appending(path: "report.json")))
    }
}
