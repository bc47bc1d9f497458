import Files
import TerminalOutput

/// Reads templates of Braze, and writes what becomes of them.
public struct BrazeImporter {
    /// Where results go.
    public enum Place: Equatable {
        case standardOutput
        case inPlace
        case folder(String)
        /// A part of a template: the folder of all templates, the template's name, and the part's file; nil for the one
        /// that the input's name suggests.
        case template(folder: String, name: String, part: String?)
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
        if case .template(_, let name, _) = place {
            guard inputs.count == 1 else {
                throw CommandFailure(.usage, "There are \(inputs.count) files, but --template takes one at a time.")
            }
            let isName =
                !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x2F } && !"._".contains(name.first!)
            guard isName else {
                throw CommandFailure(.usage, "\(name) is no name for a template: it is a folder's name.")
            }
        }
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
        case .template(let root, let name, let part): try write(result, input, to: "\(root)/\(name)", part)
        }
    }

    /// Writes a part of a template, whose folder and `template.yaml` are made if there are none.
    private func write(
        _ result: BrazeImport, _ input: TemplateFiles.Input, to folder: String, _ part: String?
    ) throws {
        let isMarkup = [".html", ".htm"].contains { input.relativePath.lowercased().hasSuffix($0) }
        let path = "\(folder)/\(part ?? (isMarkup ? "email.html.liquid" : "email.text.liquid"))"
        guard overwrites || !TextFile.exists(path) else {
            throw CommandFailure(.io, "\(path) exists. Add --force to overwrite it.")
        }
        try TemplateFiles.makeFolders(for: path)
        let manifest = "\(folder)/template.yaml"
        if !TextFile.exists(manifest) { try TemplateFiles.write("category: marketing\n", to: manifest) }
        try TemplateFiles.write(result.template, to: path)
    }
}
