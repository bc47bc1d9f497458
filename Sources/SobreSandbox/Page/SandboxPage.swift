/// The sandbox's page: the received messages, newest first, or one recipient's messages over all channels.
///
/// One document without scripts or external resources. All received data is escaped.
enum SandboxPage {
    /// The most bytes of a body that a page shows.
    static let maxBodyBytes = 1 << 20

    /// The list of messages that match a query.
    static func list(_ messages: [ReceivedMessage], query: MessageQuery, total: Int, clock: Int64?) -> [UInt8] {
        var page = HTMLWriter()
        begin(&page, title: query.person ?? "Received messages")
        filter(&page, query: query)
        page.markup("<p class=\"count\">")
        if let person = query.person {
            page.text("\(messages.count) messages to \(person) over all channels")
            if let channel = query.channel { page.text(", by \(channel.rawValue) only") }
        } else {
            page.text("The newest \(messages.count) of \(total) messages")
        }
        if let clock {
            let now = TimeText(milliseconds: clock)
            page.text("; it is \(now.day) \(now.time) by the virtual clock")
        }
        page.markup(".</p>")
        if messages.isEmpty { page.markup("<p>Nothing here yet.</p>") }
        var day: String?
        for message in messages {
            let when = TimeText(milliseconds: message.instant)
            if when.day != day {
                if day != nil { page.markup("</ol>") }
                page.markup("<h2>")
                page.text(when.day)
                page.markup("</h2><ol>")
                day = when.day
            }
            item(&page, message, time: when.time)
        }
        if day != nil { page.markup("</ol>") }
        page.markup("</main></body></html>")
        return page.bytes
    }

    /// One message with its body, as sent.
    static func message(_ message: ReceivedMessage, body: [UInt8]?) -> [UInt8] {
        var page = HTMLWriter()
        begin(&page, title: "Message \(message.seq)")
        page.markup("<p><a href=\"/\">All messages</a>")
        if let person = message.person {
            page.markup(" · <a href=\"/?person=")
            page.queryText(person)
            page.markup("\">Timeline of ")
            page.text(person)
            page.markup("</a>")
        }
        page.markup("</p><dl>")
        for (name, value) in facts(of: message) {
            page.markup("<dt>")
            page.text(name)
            page.markup("</dt><dd>")
            page.text(value)
            page.markup("</dd>")
        }
        page.markup("</dl>")
        if let body {
            page.markup("<h2>As sent</h2><pre>")
            page.text(body)
            page.markup("</pre>")
            if body.count == maxBodyBytes { page.markup("<p>Cut here; the file has the rest.</p>") }
        } else {
            page.markup("<p>The body was not kept; <code>--store-bodies</code> keeps them.</p>")
        }
        page.markup("</main></body></html>")
        return page.bytes
    }

    private static func begin(_ page: inout HTMLWriter, title: String) {
        page.markup(
            """
            <!doctype html><html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1"><title>
            """)
        page.text(title)
        page.markup(" – Sobre sandbox</title><style>")
        page.markup(style)
        page.markup("</style></head><body><main><header><a href=\"/\">Sobre sandbox</a></header><h1>")
        page.text(title)
        page.markup("</h1>")
    }

    private static func filter(_ page: inout HTMLWriter, query: MessageQuery) {
        page.markup("<form><label>Person or address <input name=\"person\" value=\"")
        page.text(query.person ?? "")
        page.markup("\"></label><label>Channel <select name=\"channel\"><option value=\"\">all</option>")
        for channel in ReceivedMessage.Channel.allCases {
            page.markup("<option")
            if channel == query.channel { page.markup(" selected") }
            page.markup(">")
            page.text(channel.rawValue)
            page.markup("</option>")
        }
        page.markup("</select></label><button>Show</button></form>")
    }

    private static func item(_ page: inout HTMLWriter, _ message: ReceivedMessage, time: String) {
        page.markup("<li><time>")
        page.text(time)
        page.markup("</time><span class=\"channel ")
        page.text(message.channel.rawValue)
        page.markup("\">")
        page.text(message.channel.rawValue)
        page.markup("</span><div><a class=\"title\" href=\"/_sandbox/messages/")
        page.text(String(message.seq))
        page.markup("\">")
        page.text(message.title.isEmpty ? message.text.isEmpty ? "(no text)" : message.text : message.title)
        page.markup("</a>")
        if !message.title.isEmpty, !message.text.isEmpty {
            page.markup("<p class=\"text\">")
            page.text(message.text)
            page.markup("</p>")
        }
        page.markup("<p class=\"facts\">to <a href=\"/?person=")
        page.queryText(message.person ?? message.to)
        page.markup("\">")
        page.text(message.person.map { "\($0) (\(message.to))" } ?? message.to)
        page.markup("</a>")
        if let campaign = message.campaign {
            page.markup(" · ")
            page.text(campaign)
        }
        for (label, isBad) in labels(of: message) {
            page.markup(" <span class=\"label")
            if isBad { page.markup(" bad") }
            page.markup("\">")
            page.text(label)
            page.markup("</span>")
        }
        page.markup("</p></div></li>")
    }

    /// Notable properties of a message.
    static func labels(of message: ReceivedMessage) -> [(text: String, isBad: Bool)] {
        var labels: [(String, Bool)] = []
        if !message.accepted { labels.append(("refused \(message.status)", true)) }
        if let fault = message.fault { labels.append(("fault \(fault)", true)) }
        if message.accepted, !message.answered { labels.append(("not answered", true)) }
        if message.possibleDuplicate { labels.append(("possible duplicate", false)) }
        return labels
    }

    private static func facts(of message: ReceivedMessage) -> [(String, String)] {
        let real = TimeText(milliseconds: message.at)
        var facts = [("Channel", "\(message.channel.rawValue) (\(message.provider))"), ("To", message.to)]
        func add(_ name: String, _ value: String?) {
            if let value, !value.isEmpty { facts.append((name, value)) }
        }
        add("From", message.from)
        add("Person", message.person)
        add("Title", message.title)
        add("Text", message.text)
        add("Received", "\(real.day) \(real.time) UTC")
        add("Virtual time", message.clock.map { TimeText(milliseconds: $0) }.map { "\($0.day) \($0.time) UTC" })
        add("Reference", message.reference)
        add("Message-ID", message.messageID)
        add("Campaign", message.campaign)
        add("Category", message.category)
        add("Trace", message.trace)
        add("Id given", message.providerID)
        add("Status", String(message.status))
        add("Accepted", message.accepted ? "yes" : "no")
        add("Answered", message.answered ? "yes" : "no")
        add("Fault", message.fault)
        add("Delay", message.delayMilliseconds > 0 ? "\(message.delayMilliseconds) ms" : nil)
        add("Possible duplicate", message.possibleDuplicate ? "yes" : nil)
        add("Size", "\(message.bytes) bytes")
        add("Note", message.note)
        return facts
    }

    private static let style: StaticString = """
        :root{color-scheme:light dark;--ink:#1d1d1f;--soft:#6b6b70;--line:#e3e3e6;--paper:#fff;--tint:#f5f5f7;--link:#0b57a4;
        --bad:#a4262c;--good:#1a6b3c}
        @media (prefers-color-scheme:dark){:root{--ink:#ececf0;--soft:#a0a0a8;--line:#37373c;--paper:#18181b;--tint:#232327;
        --link:#86b7f5;--bad:#ff9a94;--good:#85d6a4}}
        *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);
        font:16px/1.5 system-ui,sans-serif}main{max-width:52rem;margin:0 auto;padding:1rem}
        a,.label{unicode-bidi:isolate}header a{color:var(--soft);text-decoration:none}h1{font-size:1.5rem;margin:.25rem 0 1rem;overflow-wrap:anywhere}
        h2{font-size:1rem;color:var(--soft);margin:1.5rem 0 .25rem}a{color:var(--link)}
        form{display:flex;flex-wrap:wrap;gap:.75rem;align-items:end;padding:.75rem;background:var(--tint);border-radius:.5rem}
        label{display:grid;font-size:.875rem;color:var(--soft)}input,select,button{font:inherit;color:var(--ink);
        background:var(--paper);border:1px solid var(--line);border-radius:.375rem;padding:.25rem .5rem}
        ol{list-style:none;margin:0;padding:0}li{display:grid;grid-template-columns:5rem 5.5rem 1fr;gap:.5rem;
        padding:.5rem 0;border-top:1px solid var(--line)}time{color:var(--soft);font-variant-numeric:tabular-nums}
        .channel{justify-self:start;align-self:start;font-size:.8125rem;padding:0 .5rem;border:1px solid currentColor;
        border-radius:1rem}.sms{color:var(--good)}.push{color:var(--link)}.title{font-weight:600;text-decoration:none}
        li div{min-width:0;overflow-wrap:anywhere}.text,.facts,.count{margin:0;font-size:.875rem;color:var(--soft)}
        .count{margin-top:.75rem}.label{border:1px solid currentColor;border-radius:.25rem;padding:0 .25rem}.bad{color:var(--bad)}
        dl{display:grid;grid-template-columns:10rem 1fr;gap:.25rem 1rem}dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        pre{background:var(--tint);padding:1rem;border-radius:.5rem;white-space:pre-wrap;overflow-wrap:anywhere}
        @media (max-width:36rem){li{grid-template-columns:4.5rem 1fr}li div{grid-column:1/-1}dl{grid-template-columns:1fr}}
        """
}
