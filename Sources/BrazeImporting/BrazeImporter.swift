import Files
import TerminalOutput

/// Reads templates of Braze, and writes what becomes of them.
public struct BrazeImporter {
    /// Where results go.
    public enum Place: Equatable {
        case standardOutput
        case inPlace
        case folder(String)
    }

    public var place: Place
    /// Whether a result may replace a file of the folder.
    public var overwrites = false

    /// Makes an importer.
    public init(place: Place, overwrites: Bool = false) {
        self.place = place
        self.overwrites = overwrites
    }

    /// Larger files are no templates.
    static let maxBytes = 1 << 20

    /// Converts every file; each is written before the next is read.
    public func run(_ files: [String]) throws -> [BrazeImport] {
        let inputs = try TemplateFiles.find(files)
        guard place != .standardOutput || inputs.count == 1 else {
            throw CommandFailure(.usage, "There are \(inputs.count) files: add --output FOLDER or --in-place.")
        }
        return try inputs.map { input in
            let result = BrazeImport(file: input.path, text: try input.read(atMost: Self.maxBytes))
            try write(result, input)
            return result
        }
    }

    private func write(_ result: BrazeImport, _ input: TemplateFiles.Input) throws {
        switch place {
        case .standardOutput: Console.print(bytes: Array(result.template.utf8))
        case .inPlace: if result.isChanged { try TemplateFiles.write(result.template, to: input.path) }
        case .folder(let folder):
            let path = "\(folder)/\(input.relativePath)"
            guard overwrites || !TextFile.exists(path) else {
                throw CommandFailure(.io, "\(path) exists. Add --force to overwrite it.")
            }
            try TemplateFiles.makeFolders(for: path)
            try TemplateFiles.write(result.template, to: path)
        }
    }
}
