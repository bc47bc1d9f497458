/// The elements of HTML that a conversion to text treats in a way of their own.
enum HTMLElement: UInt8, CaseIterable {
    /// Every element without a case.
    case other
    case a, address, article, aside, base, basefont, bgsound, blockquote, body, br, button, caption, center, dd,
        details, dialog
    case dir, div, dl, dt, fieldset, figcaption, figure, footer, form, h1, h2, h3, h4, h5, h6, head, header, hgroup, hr,
        html
    case img, li, link, main, marquee, menu, meta, nav, noframes, noscript, object, ol, optgroup, option, p, pre, rp,
        rt, ruby
    case script, search, section, select, style, summary, svg, table, tbody, td, template, tfoot, th, thead, title, tr,
        ul

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.dropFirst().map { ("\($0)", $0) })

    /// - Parameter name: the tag's name in lower case.
    init(_ name: String) { self = Self.byName[name] ?? .other }
}

/// A set of elements, as bits.
struct HTMLElementSet: ExpressibleByArrayLiteral {
    private var bits: UInt128 = 0

    init(arrayLiteral elements: HTMLElement...) { for element in elements { bits |= 1 << UInt128(element.rawValue) } }

    func contains(_ element: HTMLElement) -> Bool { bits >> UInt128(element.rawValue) & 1 == 1 }

    func union(_ other: HTMLElementSet) -> HTMLElementSet {
        var all = self
        all.bits |= other.bits
        return all
    }
}
