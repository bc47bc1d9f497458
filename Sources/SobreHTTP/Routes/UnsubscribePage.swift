import SobreModel
import Text

/// The HTML pages of the unsubscribe link. They are readable without styles, and usable with keyboard and screen
/// reader.
enum UnsubscribePage {
    static let contentPolicy =
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

    /// The page that asks for confirmation. Its form posts what mail clients post (RFC 8058 §3.2).
    static func question(_ scope: (category: String?, channel: Channel?)) -> String {
        page(
            "Unsubscribe?",
            """
            <p>You will no longer get \(what(scope)).</p>
            <form method="post">
            <input type="hidden" name="List-Unsubscribe" value="One-Click">
            <button type="submit">Unsubscribe</button>
            </form>
            <p>Nothing has changed yet.</p>
            """)
    }

    static func done(_ scope: (category: String?, channel: Channel?)) -> String {
        page("You are unsubscribed", "<p role=\"status\">You will no longer get \(what(scope)).</p>")
    }

    static let unknown = page(
        "This link is not valid",
        """
        <p>It may have been cut off on its way, or be older than the keys that are in use.
        Nothing has changed. Please open it from the message again, or answer the message.</p>
        """)

    private static func what(_ scope: (category: String?, channel: Channel?)) -> String {
        let kind = scope.channel?.plural ?? "messages"
        return scope.category.map { "\(kind) of the kind <q>\(HTMLEscaping.escape($0))</q>" } ?? "any \(kind)"
    }

    private static func page(_ title: String, _ body: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title)</title>
        <style>
        body{font:1.125rem/1.5 system-ui,sans-serif;max-width:32rem;margin:10vh auto;padding:0 1rem}
        button{font:inherit;padding:.6em 1.4em}
        </style>
        </head>
        <body>
        <main>
        <h1>\(title)</h1>
        \(body)
        </main>
        </body>
        </html>

        """
    }
}
