import Testing

@testable import SobreProviders

@Suite struct PreheaderTests {
    private static let hidden = "<div style=\"display:none;max-height:0;overflow:hidden;mso-hide:all\">P&amp;P</div>"

    /// `|` marks where the preheader belongs.
    @Test(arguments: [
        "<html><body>|<p>Hello</p></body></html>", "<html><BODY class=\"a > b\">|<p>Hello</p></BODY></html>",
        "<!doctype html><html><head><title>t</title></head><!--[if mso]><body class=\"mso-container\"><![endif]-->"
            + "<body class=\"clean-body\">|<p>Hello</p></body></html>",
        "<head><!-- styles stand before <body> --></head><body>|x</body>",
        "<!--[if !mso]><!--><body>|<!--<![endif]--><p>x</p></body>",
        "<html><head><title>About <body></title><style>body{} /* <body> */</style><script>'<body>'</script></head>"
            + "<body data-a='<body>' id=b>|x</body></html>",
        "<body data-a=it's>|<p title=\"'\">x</p></body>", "<body\n  bgcolor=white\n>|x</body>",
        "<!doctype html><html><head><meta charset=utf-8><title>t</title></head>|<p>no body tag</p></html>",
        "<!doctype html>\n<!-- a --><title>t</title>|<p>no body tag</p>", "|plain words", "|<p>a fragment</p>",
        "<!doctype html><title>empty</title>|", "|", "<bodyguard>", "<body>|", "<!-- never closed <body>|",
    ])
    func `it stands first in the real body`(marked: String) {
        let place = marked == "<bodyguard>" ? "|<bodyguard>" : marked
        let html = place.replacing("|", with: "")
        #expect(Preheader.insert("P&P", into: html) == place.replacing("|", with: Self.hidden))
    }
}
