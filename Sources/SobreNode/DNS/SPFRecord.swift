/// A record of SPF, read as far as its terms ask DNS again (RFC 7208).
struct SPFRecord {
    /// How many terms may ask DNS while one mail is judged; a receiver that finds more gives up (§4.6.4).
    static let maxLookups = 10

    let text: String
    private let terms: [Substring]

    /// The records of SPF among the TXT records of a name.
    static func all(in texts: [String]) -> [SPFRecord] {
        texts.filter { $0 == "v=spf1" || $0.lowercased().hasPrefix("v=spf1 ") }.map { SPFRecord($0) }
    }

    private init(_ text: String) {
        self.text = text
        terms = Array(text.lowercased().split(separator: " ").dropFirst())
    }

    /// Whether everybody may send.
    var allowsEverybody: Bool { terms.contains { $0 == "all" || $0 == "+all" } }

    private var hasAll: Bool { terms.contains { Self.name(of: $0) == "all" } }

    /// Whether it says nothing of senders that it does not name.
    var isOpen: Bool { !hasAll && !terms.contains { $0.hasPrefix("redirect=") } }

    /// The number of its own terms that ask DNS.
    var lookups: Int {
        terms.count { term in
            let name = Self.name(of: term)
            // `redirect` counts only where no `all` decides before it (§6.1).
            return ["include", "a", "mx", "ptr", "exists"].contains(name) || (name == "redirect" && !hasAll)
        }
    }

    /// The terms that lead to other records, with the names of those. A name that a mail decides (`%{…}`) is left out.
    var further: [(term: String, name: String)] {
        terms.compactMap { term in
            let name = Self.name(of: term)
            guard name == "include" || (name == "redirect" && !hasAll),
                let mark = term.firstIndex(where: { $0 == ":" || $0 == "=" })
            else { return nil }
            var domain = term[term.index(after: mark)...]
            if domain.hasSuffix(".") { domain.removeLast() }
            return domain.isEmpty || domain.contains("%") ? nil : (String(term), String(domain))
        }
    }

    private static func name(of term: Substring) -> Substring {
        term.drop { "+-~?".contains($0) }.prefix { $0 != ":" && $0 != "=" && $0 != "/" }
    }
}
