public import YAMLDocument

extension Manifest {
    /// Reads the manifests in a file, which may contain several documents.
    ///
    /// - Throws: `YAMLError` with file, line and column of the first error: an unknown key, an expression with an
    ///   unknown name, an invalid pattern or path, an acceptance without an id.
    public static func parseAll(text: String, file: String) throws(YAMLError) -> [Manifest] {
        var manifests: [Manifest] = []
        for document in try YAMLDocument.parseAll(text: text, file: file) {
            let manifest = try ManifestParser(document.root).parse(file: file)
            if manifests.contains(where: { $0.name == manifest.name }) {
                throw document.root.error("the manifest \"\(manifest.name)\" is defined twice in this file")
            }
            manifests.append(manifest)
        }
        return manifests
    }
}
