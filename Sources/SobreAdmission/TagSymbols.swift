import SobreModel

/// Tags with all their ancestors as symbols, without the copies that a set of texts would take.
enum TagSymbols {
    /// Sorted and without repetition; equal to `ContactTraits.tagSymbols(_:)`.
    static func of(_ tags: [String]) -> [Symbol] {
        if tags.isEmpty { return [] }
        var symbols: [Symbol] = []
        symbols.reserveCapacity(tags.count * 2)
        for tag in tags {
            let bytes = tag.utf8
            var place = bytes.startIndex
            while place != bytes.endIndex {
                if bytes[place] == UInt8(ascii: "/") { add(symbol(bytes[..<place]), to: &symbols) }
                bytes.formIndex(after: &place)
            }
            add(Symbol(tag), to: &symbols)
        }
        symbols.sort()
        return symbols
    }

    private static func symbol(_ bytes: Substring.UTF8View) -> Symbol {
        var hash = StableHash()
        hash.combine(bytes)
        return hash.symbol
    }

    private static func add(_ symbol: Symbol, to symbols: inout [Symbol]) {
        if !symbols.contains(symbol) { symbols.append(symbol) }
    }
}
