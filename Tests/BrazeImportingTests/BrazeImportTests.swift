import Files
import Glibc
import JSON
import TerminalOutput
import TestFolders
import Testing

@testable import BrazeImporting

@Suite("Importing templates of Braze") struct BrazeImportTests {
    private let welcome = """
        Hi {{${first_name} | default: 'there'}},
        {% connected_content https://x.example :save news %}
        {{content_blocks.${Footer}}}

        """

    @Test func `the report names place, change and advice, and counts them`() {
        let result = BrazeImport(file: "welcome.html", text: welcome)
        #expect(!result.isComplete)
        #expect(
            String(decoding: BrazeReport.text([result]), as: UTF8.self) == """
                welcome.html:1:4: changed {{${first_name} | default: 'there'}} to {{customer.first_name | default: 'there'}}
                welcome.html:2:1: cannot convert {% connected_content https://x.example :save news %}
                  by hand: Rendering does no network I/O here: fetch the answer before sending and put it into the message's data.
                welcome.html:3:1: changed {{content_blocks.${Footer}}} to {% render 'Footer' %}
                welcome.html: convert the content block 'Footer' as Templates/_snippets/Footer.liquid
                1 file: 2 places changed, 1 to do by hand.

                """)
    }

    @Test func `the result is read by the parser of the server`() throws {
        let broken = BrazeImport(file: "a.liquid", text: "x\n{{ ${first_name} | upcas }}")
        let mistake = try #require(broken.mistakes.first)
        #expect(!broken.isComplete)
        #expect("\(mistake)".hasPrefix("a.liquid (converted):2:"))
        #expect("\(mistake)".contains("upcase"))
        #expect(BrazeImport(file: "a.liquid", text: "{{ ${first_name} | upcase }}").isComplete)
    }

    @Test func `all unknown filters are named in one run`() throws {
        let text = "{{ a | one }}\n{{ b | upcase | two: 'x' }}{% assign c = d | three %}\n{{ e | one }}"
        let result = BrazeImport(file: "a.liquid", text: text)
        #expect(result.mistakes.map(\.message) == ["one", "two", "three", "one"].map { "Unknown filter '\($0)'." })
        #expect(result.mistakes.map(\.line) == [1, 2, 2, 3] && result.problems == 4)
        let json = try JSONDocument.parse(BrazeReport.json([result])).root
        #expect(json["mistakes"]?.elements.compactMap { $0["line"]?.int } == [1, 2, 2, 3])
        #expect(String(decoding: BrazeReport.text([result]), as: UTF8.self).contains("4 to do by hand"))
    }

    @Test(arguments: [
        ("in.html", nil, "email.html.liquid"), ("in.txt", nil, "email.text.liquid"),
        ("in.txt", "sms.liquid", "sms.liquid"),
    ])
    func `a template's folder is made for the result`(name: String, part: String?, written: String) throws {
        let folder = TemporaryFolder()
        let input = "\(folder.path)/\(name)"
        try TextFile.replace(input, with: "{{${first_name}}}")
        let root = "\(folder.path)/Templates"
        let importer = BrazeImporter(place: .template(folder: root, name: "welcome", part: part))
        #expect(try importer.run([input]).count == 1)
        #expect(try TextFile.readText("\(root)/welcome/\(written)") == "{{customer.first_name}}")
        #expect(try TextFile.readText("\(root)/welcome/template.yaml").contains("category:"))
        try TextFile.replace("\(root)/welcome/template.yaml", with: "category: transactional\n")
        #expect(throws: CommandFailure.self) { try importer.run([input]) }
        #expect(try BrazeImporter(place: importer.place, overwrites: true).run([input]).count == 1)
        #expect(try TextFile.readText("\(root)/welcome/template.yaml") == "category: transactional\n")
        for bad in ["", "a/b", "../x", ".hidden", "_snippets"] {
            let place = BrazeImporter.Place.template(folder: root, name: bad, part: nil)
            #expect(throws: CommandFailure.self) { try BrazeImporter(place: place).run([input]) }
        }
    }

    @Test func `machines read one object a line`() throws {
        let text = BrazeReport.json([BrazeImport(file: "welcome.html", text: welcome)])
        let lines = text.split(separator: 0x0A)
        #expect(lines.count == 4)
        let problem = try JSONDocument.parse(Array(lines[1])).root
        #expect(problem["line"]?.int == 2)
        #expect(problem["after"] == nil)
        #expect(problem["problem"]?.string?.contains("network") == true)
        let closing = try JSONDocument.parse(Array(lines[3])).root
        #expect(closing["changes"]?.int == 2)
        #expect(closing["problems"]?.int == 1)
        #expect(closing["snippets"]?.elements.compactMap(\.string) == ["Footer"])
    }

    @Test func `a folder gives its templates in the order of their names`() throws {
        let folder = TemporaryFolder()
        for name in ["b.html", "a/deep.liquid", "a/picture.png", ".hidden.html"] {
            try TemplateFiles.makeFolders(for: "\(folder.path)/\(name)")
            try TextFile.replace("\(folder.path)/\(name)", with: "{{${first_name}}}")
        }
        let found = try TemplateFiles.find([folder.path + "/", "one.html"])
        #expect(found.map(\.relativePath) == ["a/deep.liquid", "b.html", "one.html"])
        let empty = TemporaryFolder()
        #expect(throws: CommandFailure.self) { try TemplateFiles.find([empty.path]) }
    }

    @Test func `results go below a folder and never over one that is there`() throws {
        let folder = TemporaryFolder()
        try TextFile.replace("\(folder.path)/in.html", with: "{{${first_name}}}")
        chmod("\(folder.path)/in.html", 0o640)
        let files = ["\(folder.path)/in.html"]
        let outside = BrazeImporter(place: .folder("\(folder.path)/out/deep"))
        #expect(try outside.run(files).count == 1)
        #expect(try TextFile.readText("\(folder.path)/out/deep/in.html") == "{{customer.first_name}}")
        #expect(throws: CommandFailure.self) { try outside.run(files) }
        #expect(try BrazeImporter(place: outside.place, overwrites: true).run(files).count == 1)
        #expect(try BrazeImporter(place: .inPlace).run(files)[0].isChanged)
        #expect(try TextFile.readText("\(folder.path)/in.html") == "{{customer.first_name}}")
        var info = stat()
        #expect(stat("\(folder.path)/in.html", &info) == 0 && info.st_mode & 0o777 == 0o640)
    }

    @Test func `several files need a place for their results`() {
        let failure = #expect(throws: CommandFailure.self) {
            try BrazeImporter(place: .standardOutput).run(["a.html", "b.html"])
        }
        #expect(failure?.status == .usage)
        #expect(throws: FileError.self) { try BrazeImporter(place: .inPlace).run(["/nowhere/a.html"]) }
    }
}
