import Glibc
import JSON
import Logging
import SobreModel
import SobreSettings
import Synchronization
import TerminalOutput

/// The server's log: one line for each event on standard error, as text or JSON.
enum LogOutput {
    static func logger(_ format: Settings.Log.Format, _ level: LogLevel) -> Logger {
        Logger(label: "sobre") { _ in LineLogHandler(format: format, level: level) }
    }
}

/// The level of a log, shared by all of its loggers, so that a reload changes them all.
final class LogLevel: Sendable {
    private static let levels = Logger.Level.allCases
    private let index: Atomic<Int>

    init(_ level: Settings.Log.Level) { index = Atomic(Self.index(of: level)) }

    var level: Logger.Level { Self.levels[index.load(ordering: .relaxed)] }

    func set(_ level: Settings.Log.Level) { index.store(Self.index(of: level), ordering: .relaxed) }

    private static func index(of level: Settings.Log.Level) -> Int {
        levels.firstIndex { $0.rawValue == level.rawValue } ?? 0
    }
}

/// Writes each event with one `write`, so that lines of several threads do not interleave.
struct LineLogHandler: LogHandler {
    let format: Settings.Log.Format
    var metadata: Logger.Metadata = [:]
    private let level: LogLevel

    /// That of the whole log. One logger has none of its own.
    var logLevel: Logger.Level {
        get { level.level }
        set {}
    }

    init(format: Settings.Log.Format, level: LogLevel) {
        self.format = format
        self.level = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let pairs = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line =
            switch format {
            case .text: Self.text(event, pairs)
            case .json: Self.json(event, pairs)
            }
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    private static func text(_ event: LogEvent, _ pairs: [(key: String, value: Logger.Metadata.Value)]) -> [UInt8] {
        var text = "\(SystemTime().now()) \(event.level) \(event.message)"
        for (key, value) in pairs { text += " \(key)=\(value)" }
        return Array(Console.harmless(text).utf8) + [0x0A]
    }

    private static func json(_ event: LogEvent, _ pairs: [(key: String, value: Logger.Metadata.Value)]) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("at", SystemTime().now().rfc3339)
        json.member("level", event.level.rawValue)
        json.member("message", "\(event.message)")
        for (key, value) in pairs {
            json.key(key)
            json.value("\(value)")
        }
        json.endObject()
        return json.bytes + [0x0A]
    }
}
