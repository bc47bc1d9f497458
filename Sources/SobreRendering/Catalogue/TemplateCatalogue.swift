internal import SobreModel
public import SobreSettings
import Synchronization

/// The templates of a folder, reloaded when a file changes.
///
/// The layout of the folder:
/// ```
/// Templates/cart-abandoned/template.yaml     name, category, channels, sender, variables, budgets
///                          email.subject.liquid  email.preheader.liquid  email.html.liquid  email.text.liquid
///                          sms.liquid  push.liquid
///                          fr/…                  the same files for a locale; what is absent is the default's
///                          samples/maria.json    {"profile": …, "data": …} for previews and tests
///                          terms.pdf             any other file, if template.yaml attaches it
/// Templates/_snippets/footer.html.liquid     {% render 'footer' %} in the HTML part; footer.liquid serves every part
/// Templates/_layouts/base.liquid             layout: base; {% include 'content' %} stands for the template's HTML
/// ```
/// A template with an error is kept as broken, with the position of the error. The other templates are not affected.
public final class TemplateCatalogue: Sendable {
    /// The folder.
    public let root: String
    /// Other folders that symbolic links in it may lead into.
    private let linked: [String]
    private let attachments: AttachmentLimits
    private let current: Mutex<CatalogueSnapshot>
    /// Held while files are read, so that two reloads do not do the same work. The snapshot can be read meanwhile.
    private let loading = Mutex<Void>(())

    /// Reads a folder of templates.
    ///
    /// - Parameters:
    ///   - root: the folder.
    ///   - linked: other folders that symbolic links in it may lead into.
    ///   - attachments: the limits of the files that templates attach.
    /// - Throws: ``TemplateError`` when the folder itself cannot be read. Errors inside templates are kept with them.
    public init(
        root: String, linked: [String] = [], attachments: AttachmentLimits = AttachmentLimits()
    ) throws(TemplateError) {
        self.root = root
        self.linked = linked
        self.attachments = attachments
        current = Mutex(try TemplateLoader.load(try TemplateFiles(root: root, linked: linked), attachments))
    }

    /// The current templates.
    public var snapshot: CatalogueSnapshot { current.withLock { $0 } }

    /// Reloads the folder if a file has changed.
    ///
    /// Without a change it costs one `stat` per file. If the folder cannot be read, the templates stay as they are.
    /// - Returns: whether there is a new snapshot.
    /// - Throws: ``TemplateError`` when the folder cannot be read.
    @discardableResult
    public func reload() throws(TemplateError) -> Bool {
        let outcome: Result<Bool, TemplateError> = loading.withLock { _ in
            do throws(TemplateError) {
                guard let fresh = try changed() else { return .success(false) }
                replace(with: fresh)
                return .success(true)
            } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }

    /// Reads the folder if a file has changed, and leaves the current templates as they are.
    ///
    /// - Returns: the templates as they are in the folder; nil: they are the current ones.
    /// - Throws: ``TemplateError`` when the folder cannot be read.
    public func changed() throws(TemplateError) -> CatalogueSnapshot? {
        let files = try TemplateFiles(root: root, linked: linked)
        if snapshot.signature == files.signature { return nil }
        return try TemplateLoader.load(files, attachments)
    }

    /// Puts templates in force that ``changed()`` has read.
    public func replace(with snapshot: CatalogueSnapshot) { current.withLock { $0 = snapshot } }

    /// Reads a sample: a JSON object with `profile` and `data`.
    public func sample(_ name: String, of template: String) throws(TemplateError) -> [UInt8] {
        guard !name.contains("/"), !template.contains("/") else {
            throw TemplateError("A sample is named without folders, such as maria.")
        }
        return try TemplateFiles(root: root, linked: linked).read("\(template)/samples/\(name).json")
    }
}
