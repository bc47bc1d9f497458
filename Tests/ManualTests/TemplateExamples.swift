import Foundation
import JSON
import SobreModel
import SobreRendering
import TestFolders

/// The examples of the template reference as a folder of templates.
///
/// A block whose info names a file (`liquid parcel-sent/sms.liquid`) is that file. A block `liquid`, `liquid html` or
/// `liquid subject` without a file is a single template: an SMS, the HTML of an email, or its subject. If its lines
/// contain an arrow, each line is an example. Otherwise the next block is the expected result: a text, `error` (part of
/// the reason), or `aborted`. A block whose info names a template and a part (`text parcel-sent/sms fr-CA`) is the
/// expected output of that template for its first sample. `json profile` and `json message` are the input for the
/// single examples.
struct TemplateExamples {
    /// A single template.
    struct Example {
        var name: String
        var medium: String
        var source: String
        var kind: String
        var expected: String
        var line: Int
    }

    /// The expected output of a template with several files.
    struct Rendering {
        var template: String
        var part: String
        var locale: String?
        var expected: String
        var line: Int
    }

    static let page = "\(ManualPage.manual)/Templates.md"
    static let arrow = " → "
    static let now = Instant(rfc3339: "2026-11-21T18:00:00Z")!

    let folder = TemporaryFolder()
    let catalogue: TemplateCatalogue
    let examples: [Example]
    private(set) var renderings: [Rendering] = []
    private(set) var sources: [String] = []
    private(set) var manifest = ""
    private let message: JSONRef
    private let profile: JSONRef

    init() throws {
        let page = try ManualPage(Self.page)
        var examples: [Example] = []
        message = try Self.json(page, "message")
        profile = try Self.json(page, "profile")
        for (index, block) in page.blocks.enumerated() {
            let last = block.info.split(separator: "/").last ?? ""
            if block.info.contains("/"), [".liquid", ".yaml", ".json", ".txt"].contains(where: { last.hasSuffix($0) }) {
                try Self.write(block.text + "\n", to: "\(folder.path)/\(block.info)")
                if block.language == "liquid" { sources.append(block.text) }
                if block.info == "example/template.yaml" { manifest = block.text }
            } else if block.info.contains("/") {
                let words = block.info.split(separator: " ").map(String.init)
                let place = words[0].split(separator: "/").map(String.init)
                renderings.append(
                    Rendering(
                        template: place[0], part: place[1], locale: words.count > 1 ? words[1] : nil,
                        expected: block.text, line: block.line))
            } else if block.language == "liquid" {
                examples += Self.examples(in: block, followedBy: page.blocks[min(index + 1, page.blocks.count - 1)])
            }
        }
        for example in examples { try Self.write(example, below: folder.path) }
        sources += examples.map(\.source)
        self.examples = examples
        catalogue = try TemplateCatalogue(root: folder.path)
    }

    private static func examples(in block: ManualPage.Block, followedBy next: ManualPage.Block) -> [Example] {
        let lines = block.text.split(separator: "\n").map(String.init)
        guard lines.contains(where: { $0.contains(arrow) }) else {
            return [
                Example(
                    name: "line-\(block.line)", medium: block.info, source: block.text, kind: next.language,
                    expected: next.text, line: block.line)
            ]
        }
        return lines.enumerated().map { index, line in
            let end = line.ranges(of: arrow).last
            return Example(
                name: "line-\(block.line + index + 1)", medium: block.info,
                source: end.map { String(line[..<$0.lowerBound]) } ?? line, kind: "text",
                expected: end.map { String(line[$0.upperBound...]) } ?? "", line: block.line + index + 1)
        }
    }

    /// Renders a single example as the page shows it.
    func render(_ example: Example) -> RenderResult {
        let given = MessageDraft(
            recipient: "ann", template: example.name, campaign: message["campaign"]?.string,
            category: message["category"]?.string ?? "", tags: message["tags"]?.elements.compactMap(\.string) ?? [],
            channels: Channel.allCases, data: message["data"].map { Array($0.rawBytes) } ?? Array("{}".utf8))
        return render(given, for: profile, locale: nil, channel: example.medium.isEmpty ? .sms : .email)
    }

    /// Renders a template with several files for its first sample.
    func render(_ rendering: Rendering) throws -> RenderResult {
        guard case .ready(let template)? = catalogue.snapshot[rendering.template] else {
            return .failed(reason: "the template is broken or missing", version: "")
        }
        let sample = try JSONDocument.parse(
            try catalogue.sample(template.sampleNames[0], of: rendering.template)
        ).root
        let draft = MessageDraft(
            recipient: "ann", template: rendering.template, category: template.manifest.category ?? "marketing",
            channels: Channel.allCases, data: sample["data"].map { Array($0.rawBytes) } ?? Array("{}".utf8))
        let channel = Channel(name: rendering.part.split(separator: ".")[0]) ?? .email
        return render(draft, for: sample["profile"]!, locale: rendering.locale, channel: channel)
    }

    private func render(
        _ draft: MessageDraft, for profile: JSONRef, locale: String?, channel: Channel
    ) -> RenderResult {
        let person = Profile(
            id: profile["id"]?.string ?? "", locale: locale ?? profile["locale"]?.string,
            timezone: profile["timezone"]?.string, country: profile["country"]?.string,
            attributes: profile["attributes"].map { Array($0.rawBytes) } ?? Array("{}".utf8))
        let id = MessageID(rawValue: 1 << 30)
        let links = MessageLinks(unsubscribe: { _ in "https://sobre.example/u/TOKEN" })
        return MessageRenderer(catalogue: catalogue, links: links).render(
            Message(id: id, acceptedAt: Self.now, draft: draft), profile: person, channel: channel, now: Self.now,
            delivery: id.delivery(0))
    }

    private static func json(_ page: ManualPage, _ info: String) throws -> JSONRef {
        let block = page.blocks.first { $0.language == "json" && $0.info == info }
        return try JSONDocument.parse(Array((block?.text ?? "").utf8)).root
    }

    private static func write(_ example: Example, below root: String) throws {
        let folder = "\(root)/\(example.name)"
        try write("from: shop@b.example\nbudgets: { sms_segments: 10 }\n", to: "\(folder)/template.yaml")
        switch example.medium {
        case "html":
            try write("Subject", to: "\(folder)/email.subject.liquid")
            try write(example.source + "\n", to: "\(folder)/email.html.liquid")
        case "subject":
            try write(example.source, to: "\(folder)/email.subject.liquid")
            try write("Text", to: "\(folder)/email.text.liquid")
        default: try write(example.source + "\n", to: "\(folder)/sms.liquid")
        }
    }

    private static func write(_ text: String, to path: String) throws {
        let url = URL(filePath: path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }
}
