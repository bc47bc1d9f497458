internal import Text

/// The schemes that an address in a message may have.
///
/// Values of a message's data can end up in links, so a list of what is allowed decides: browsers and email clients
/// know more dangerous schemes than anyone can list.
struct LinkSchemes: Sendable {
    private let allowed: Set<String>

    /// - Parameter allowed: schemes in lower case, without the colon.
    init(_ allowed: [String]) { self.allowed = Set(allowed) }

    /// Attributes that hold an address which is opened.
    private static let links: Set<String> = ["href", "action", "formaction", "xlink:href", "ping", "cite", "longdesc"]
    /// Attributes that hold the address of an image or other content that is shown.
    private static let content: Set<String> = ["src", "background", "poster", "data", "lowsrc", "dynsrc"]
    /// Images within the document itself cannot run anything.
    private static let shownData = ["image/png", "image/gif", "image/jpeg", "image/webp"]

    /// The scheme of an address in lower case, as browsers read it: they skip white space and control characters in
    /// front, and line breaks and tabs anywhere. Nil for an address without one.
    static func scheme(of address: some Sequence<UInt8>) -> String? {
        var name: [UInt8] = []
        for byte in address {
            switch byte {
            case 0x0A, 0x0D, 0x09: continue
            case 0...0x20 where name.isEmpty: continue
            case UInt8(ascii: ":"): return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
            case 0x41...0x5A: name.append(byte | 0x20)
            case 0x61...0x7A: name.append(byte)
            case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                if name.isEmpty { return nil }
                name.append(byte)
            default: return nil
            }
        }
        return nil
    }

    /// Whether an address may be opened: its scheme is allowed, or it has none.
    func allows(_ address: some Sequence<UInt8>) -> Bool {
        guard let scheme = Self.scheme(of: address) else { return true }
        return allowed.contains(scheme)
    }

    private func allowsContent(_ address: [UInt8]) -> Bool {
        guard let scheme = Self.scheme(of: address) else { return true }
        if scheme == "cid" || allowed.contains(scheme) { return true }
        let rest = String(decoding: address.drop { $0 <= 0x20 }.prefix(40), as: UTF8.self).lowercased()
        return Self.shownData.contains { rest.hasPrefix("data:\($0);") || rest.hasPrefix("data:\($0),") }
    }

    /// The first address of an HTML document that may not be opened, with its attribute.
    ///
    /// Most documents have none, which a look at what stands behind each `=` shows. Only where it does not is the
    /// document taken apart into tags.
    func firstRefused(in html: [UInt8]) -> (attribute: String, address: String)? {
        firstRefused(in: html) { _ in }
    }

    /// The same, with the ids of the attached images that the document shows.
    ///
    /// - Parameters:
    ///   - html: the document.
    ///   - eachImage: called with each id that stands behind `cid:`, up to the first address that is refused.
    /// - Returns: the first address that may not be opened, with its attribute.
    func firstRefused(
        in html: [UInt8], eachImage: (String) -> Void
    ) -> (attribute: String, address: String)? {
        guard mayHoldRefused(html) else { return nil }
        for token in HTMLTokenizer(html) {
            guard case .tag(let tag) = token, !tag.isClosing else { continue }
            var refused: (String, String)?
            tag.eachAttribute { name, raw in
                let name = String(decoding: name.map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
                let isLink = Self.links.contains(name)
                guard isLink || Self.content.contains(name) || name == "srcset" || name == "content" else {
                    return true
                }
                let value = HTMLEntity.decode(raw)
                let isFine =
                    switch name {
                    case "srcset": value.split(separator: UInt8(ascii: ",")).allSatisfy { allowsContent(Array($0)) }
                    case "content": allows(refresh: value, tag)
                    default: isLink ? allows(value) : allowsContent(value)
                    }
                if isFine, Self.content.contains(name), Self.scheme(of: value) == "cid",
                    let colon = value.firstIndex(of: UInt8(ascii: ":"))
                {
                    eachImage(String(decoding: value[(colon + 1)...].filter { $0 > 0x20 }, as: UTF8.self))
                }
                if !isFine { refused = (name, String(decoding: value.prefix(60), as: UTF8.self)) }
                return isFine
            }
            if let refused { return refused }
        }
        return nil
    }

    /// What the name of an attribute that can hold an address ends with, by its last letter.
    private static let nameEndings: [[[UInt8]]] = {
        var endings = [[[UInt8]]](repeating: [], count: 26)
        for name in links.union(content).union(["srcset", "content"]) {
            endings[Int(name.utf8.last! - 0x61)].append(Array(name.utf8))
        }
        return endings
    }()

    /// Whether anything that could be the value of such an attribute has a scheme that is not allowed. True too often,
    /// never false for a document with a refused address.
    private func mayHoldRefused(_ html: [UInt8]) -> Bool {
        html.withUnsafeBufferPointer { bytes in
            for at in bytes.indices where bytes[at] == UInt8(ascii: "=") {
                guard let name = Self.name(bytes, before: at) else { continue }
                var start = at + 1
                while start < bytes.count, bytes[start] <= 0x20 { start += 1 }
                guard start < bytes.count else { return false }
                let quote = bytes[start]
                let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
                if isQuoted { start += 1 }
                var end = start
                while end < bytes.count, isQuoted ? bytes[end] != quote : bytes[end] > 0x20 && bytes[end] != 0x3E {
                    end += 1
                }
                if mayBeRefused(UnsafeBufferPointer(rebasing: bytes[start..<end]), name) { return true }
            }
            return false
        }
    }

    /// The name that stands before a `=`, if it can be that of an attribute with an address.
    private static func name(_ bytes: UnsafeBufferPointer<UInt8>, before equals: Int) -> [UInt8]? {
        var end = equals
        while end > 0, bytes[end - 1] <= 0x20 { end -= 1 }
        guard end > 0, (bytes[end - 1] | 0x20) &- 0x61 < 26 else { return nil }
        return nameEndings[Int((bytes[end - 1] | 0x20) - 0x61)].first { name in
            guard end >= name.count else { return false }
            for index in name.indices where bytes[end - name.count + index] | 0x20 != name[index] | 0x20 {
                return false
            }
            return true
        }
    }

    /// Whether a value has a scheme that is not allowed, or could have one once it is decoded.
    private func mayBeRefused(_ value: UnsafeBufferPointer<UInt8>, _ name: [UInt8]) -> Bool {
        switch name.last {
        case UInt8(ascii: "t"):  // srcset holds several addresses, and content may hold one anywhere
            return value.contains { $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "&") }
        default:
            if !allows(value) { return true }
            // What is escaped in an ordinary address stands behind its scheme.
            return value.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
                .contains(UInt8(ascii: "&"))
        }
    }

    /// `<meta http-equiv="refresh" content="0; url=…">` opens an address too.
    private func allows(refresh value: [UInt8], _ tag: HTMLTag) -> Bool {
        guard tag.name == "meta", let kind = tag.attribute("http-equiv"),
            String(decoding: kind, as: UTF8.self).lowercased() == "refresh"
        else { return true }
        guard let end = value.firstIndex(where: { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: ",") }) else {
            return true
        }
        // The address may stand behind `url=` or by itself, in quotes or not.
        var rest = value[(end + 1)...].drop { $0 <= 0x20 }
        if rest.prefix(3).elementsEqual("url".utf8, by: { $0 | 0x20 == $1 }) {
            rest = rest.dropFirst(3).drop { $0 <= 0x20 || $0 == UInt8(ascii: "=") }
        }
        return allows(rest.drop { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "'") || $0 <= 0x20 })
    }
}
