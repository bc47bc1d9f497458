import Glibc
import JSON
import Logging
import SobreModel
import SobreSettings
import TerminalOutput

/// The server's log: one line for each event on standard error, as text or JSON.
enum LogOutput {
    static func logger(_ settings: Settings.Log) -> Logger {
        var logger = Logger(label: "sobre") { _ in LineLogHandler(format: settings.format) }
        logger.logLevel = Logger.Level(rawValue: settings.level.rawValue) ?? .info
        return logger
    }
}

/// Writes each event with one `write`, so that lines of several threads do not interleave.
struct LineLogHandler: LogHandler {
    let format: Settings.Log.Format
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    init(format: Settings.Log.Format) { self.format = format }

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
