import SobreWire

/// Why a reload changes nothing: files that are invalid, each with the reason.
struct ReloadRefusal: Error {
    var files: [NodeCondition.RefusedFile]

    init(_ files: [NodeCondition.RefusedFile]) { self.files = files }

    init(_ file: String, _ why: String) { files = [.init(file: file, why: why)] }
}
