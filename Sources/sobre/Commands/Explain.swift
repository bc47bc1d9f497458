import ArgumentParser
import JSON
import SobreModel
import SobreNode
import SobreSettings
import SobreStore
import SobreViews
import SobreWire
import TerminalOutput

/// `sobre explain`.
struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Explain why a message was sent, held or dropped: each rule, what counts against it, and when the next slot is free.",
        discussion: "Example:  sobre explain 01jd3v8k6m1r0")

    @Argument(help: "The id of a message or of one of its deliveries.")
    var id: String

    @OptionGroup var settings: SettingsOptions
    @OptionGroup var output: FormatOptions

    func run() async throws {
        let id = try MessageID.parsing(id)
        let only = DeliveryID(self.id).flatMap { $0.slot == 0 ? nil : $0 }
        try await settings.access().read { try await show(id, only: only, from: $0) }
    }

    private func show(_ id: MessageID, only: DeliveryID?, from reader: any StoreReader) async throws {
        guard let message = try await reader.message(id) else {
            throw CommandFailure(.negative, "There is no message \(id). sobre logs shows ids.")
        }
        if output.format == .json {
            var writer = JSONWriter(indentation: 2)
            Wire.write(explanationOf: message, history: try await reader.history(of: id), to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        } else {
            for (index, delivery) in (only.map { [$0] } ?? message.deliveries).enumerated() {
                if index > 0 { Console.print("") }
                Console.print(try await ExplainView.lines(delivery, store: reader, terminal: output.terminal))
            }
        }
    }
}
