import ArgumentParser
import Files
import SobreNode
import TerminalOutput

/// `sobre init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a configuration to start from.",
        discussion: """
            Writes the shipped settings and policy, in which every key is explained, the providers' manifests and example \
            templates into Config, Providers and Templates of a folder. Everything is sent to the sandbox until you name \
            a provider. No file is replaced.

            Example:  sobre init /srv/sobre
            """)

    @Argument(help: ArgumentHelp("Where to write it; made if it is not there.", valueName: "folder"))
    var folder: String

    func run() throws {
        let present = try StarterConfiguration.write(to: folder)
        let shown = FilePath.forDisplay(folder)
        if let first = present.first {
            throw CommandFailure(
                .negative,
                "\(FilePath.forDisplay(first)) is there already, as \(present.count == 1 ? "the only file" : "one of \(present.count) files"). "
                    + "Nothing was written. Name another folder, or move them away.")
        }
        Console.print(
            """
            A configuration is in \(shown). To look at it and to start it:
              sobre doctor --config \(shown)/Config/sobre.yaml
              sobre sandbox
              sobre serve --config \(shown)/Config/sobre.yaml
            """)
    }
}
