/// The open elements of an HTML document, with the end tags that HTML lets authors leave out.
///
/// `<p>one<p>two`, `<li>`, `<td>`, `<tr>` and their like end where the next one begins, or with the element around
/// them (HTML Standard, section 13.1.2.4).
struct HTMLElementStack {
    private struct Open {
        var element: HTMLElement
        /// Tells apart elements without a case.
        var name: String
        var isHidden: Bool
    }

    /// Deeper elements are not kept, so that the work at each tag is bounded; browsers stop nesting at 512.
    private static let maxDepth = 256

    private var elements: [Open] = []
    private var hidden = 0
    private var beyond = 0

    /// Whether an open element is hidden.
    var isHidden: Bool { hidden > 0 }

    /// Opens an element after closing those that it ends.
    mutating func open(_ element: HTMLElement, _ name: String, isHidden: Bool, closesItself: Bool) {
        if let (names, scope) = Self.ending(element) { closeInnermost(of: names, within: scope) }
        if Self.endsParagraph.contains(element) { closeInnermost(of: [.p], within: Self.paragraphScope) }
        if elements.last?.element == .head, !Self.headContent.contains(element) { pop() }
        guard !closesItself else { return }
        guard elements.count < Self.maxDepth else {
            beyond += 1
            return
        }
        elements.append(Open(element: element, name: element == .other ? name : "", isHidden: isHidden))
        if isHidden { hidden += 1 }
    }

    /// Closes an element and those within it. An end tag without its element is ignored.
    mutating func close(_ element: HTMLElement, _ name: String) {
        if beyond > 0 {
            beyond -= 1
            return
        }
        if element == .body || element == .html {
            while !elements.isEmpty { pop() }
            return
        }
        let name = element == .other ? name : ""
        let scope: HTMLElementSet = Self.tableParts.contains(element) ? [.table] : Self.scope
        var index = elements.count - 1
        while index >= 0 {
            let open = elements[index]
            if open.element == element, open.name == name { return close(downTo: index) }
            if scope.contains(open.element) { return }
            index -= 1
        }
    }

    /// Text that is not white space ends a head whose end tag was left out.
    mutating func meetText() {
        if elements.last?.element == .head { pop() }
    }

    private mutating func closeInnermost(of names: HTMLElementSet, within scope: HTMLElementSet) {
        var index = elements.count - 1
        while index >= 0 {
            let element = elements[index].element
            if names.contains(element) { return close(downTo: index) }
            if scope.contains(element) { return }
            index -= 1
        }
    }

    private mutating func close(downTo index: Int) {
        while elements.count > index { pop() }
    }

    private mutating func pop() {
        if elements.removeLast().isHidden { hidden -= 1 }
    }

    /// What a start tag ends, and the elements beyond which it ends nothing.
    private static func ending(_ element: HTMLElement) -> (names: HTMLElementSet, scope: HTMLElementSet)? {
        switch element {
        case .li: ([.li], [.ul, .ol, .menu, .table])
        case .dt, .dd: ([.dt, .dd], [.dl, .table])
        case .td, .th: ([.td, .th], [.tr, .table])
        case .tr: ([.tr], [.table])
        case .tbody, .thead, .tfoot: ([.tbody, .thead, .tfoot, .tr], [.table])
        case .option: ([.option], [.select, .optgroup])
        case .optgroup: ([.optgroup, .option], [.select])
        case .rt, .rp: ([.rt, .rp], [.ruby])
        case .body: ([.head], [])
        default: nil
        }
    }

    /// Start tags that end an open paragraph.
    private static let endsParagraph: HTMLElementSet = [
        .address, .article, .aside, .blockquote, .center, .details, .dialog, .dir, .div, .dl, .dd, .dt, .fieldset,
        .figcaption, .figure, .footer, .form, .h1, .h2, .h3, .h4, .h5, .h6, .header, .hgroup, .hr, .li, .main, .menu,
        .nav,
        .ol, .p, .pre, .search, .section, .summary, .table, .ul,
    ]

    private static let headContent: HTMLElementSet = [
        .base, .basefont, .bgsound, .head, .link, .meta, .noframes, .noscript, .script, .style, .template, .title,
    ]

    private static let scope: HTMLElementSet = [.table, .td, .th, .caption, .template, .marquee, .object]
    private static let paragraphScope = scope.union([.button])
    private static let tableParts: HTMLElementSet = [.td, .th, .tr, .tbody, .thead, .tfoot, .caption, .table]
}
