import Foundation
import Mustache
import Stencil

/// The comparison template in other engines for Swift.
enum Others {
    private static var context: [String: Any] {
        [
            "title": "My Benchmark Site",
            "items": [
                "<First Item>", "<Second Item>", "<Third Item>", "<Fourth Item>", "<Fifth Item>", "<Sixth Item>",
            ],
            "site": [
                "nav": [
                    ["url": "/", "title": "Index", "is_active": true],
                    ["url": "/download", "title": "Download", "is_active": false],
                    ["url": "/about", "title": "About", "is_active": false],
                    ["url": "/help", "title": "Help", "is_active": false],
                ], "copyright": 2022,
            ] as [String: Any],
        ]
    }

    /// Their times. Both write the template's text except for its whitespace.
    static func figures() throws -> [Figure] {
        let environment = Environment(extensions: [escaping])
        let stencil = try environment.renderTemplate(string: stencilSource, context: context)
        let template = Stencil.Template(templateString: stencilSource, environment: environment)
        let mustache = try MustacheTemplate(string: mustacheSource)
        return [
            Figure(
                engine: "stencil", template: "comparison",
                render: best(20) { _ = try? template.render(context) },
                parse: best(20) { _ = Stencil.Template(templateString: stencilSource, environment: environment) },
                bytes: stencil.utf8.count),
            Figure(
                engine: "swift-mustache", template: "comparison", render: best(50) { _ = mustache.render(context) },
                parse: best(50) { _ = try? MustacheTemplate(string: mustacheSource) },
                bytes: mustache.render(context).utf8.count),
        ]
    }

    private static var escaping: Extension {
        let filters = Extension()
        filters.registerFilter("escape") { value in
            var text = ""
            for character in "\(value ?? "")" {
                switch character {
                case "&": text += "&amp;"
                case "<": text += "&lt;"
                case ">": text += "&gt;"
                case "\"": text += "&quot;"
                case "'": text += "&#39;"
                default: text.append(character)
                }
            }
            return text
        }
        return filters
    }

    private static let stencilSource = """
        <!doctype html>
        <meta charset="utf-8">
        <title>{{ title|escape }} | Hello</title>
        <link rel="stylesheet" href="styles/index.css">
        <body>
          <header>
            <h1>Hello</h1>
            <nav>
              <ul class="nav">
                {% for item in site.nav %}
                  <li><a href="{{ item.url|escape }}"{% if item.is_active %} class="active"{% endif %}>{{ item.title|uppercase|escape }}</a>
                {% endfor %}
              </ul>
            </nav>
          </header>
          <main>
            <ul>
            {% for item in items %}
              <li>{{ forloop.counter|escape }}: {{ item|uppercase|escape }}</li>
            {% endfor %}
            </ul>
          </main>
          <footer>
            &copy; Copyright {{ site.copyright|escape }} by Foo
          </footer>
        </body>
        """

    private static let mustacheSource = """
        <!doctype html>
        <meta charset="utf-8">
        <title>{{ title }} | Hello</title>
        <link rel="stylesheet" href="styles/index.css">
        <body>
          <header>
            <h1>Hello</h1>
            <nav>
              <ul class="nav">
                {{#site.nav}}
                  <li><a href="{{ url }}"{{#is_active}} class="active"{{/is_active}}>{{ uppercased(title) }}</a>
                {{/site.nav}}
              </ul>
            </nav>
          </header>
          <main>
            <ul>
            {{#items}}
              <li>{{ index() }}: {{ uppercased(.) }}</li>
            {{/items}}
            </ul>
          </main>
          <footer>
            &copy; Copyright {{ site.copyright }} by Foo
          </footer>
        </body>
        """
}
