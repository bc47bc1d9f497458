@testable import Curl

/// A scripted mail server: greets, answers EHLO and AUTH, then calls `reply` for the answer to each command.
struct SMTPPeer: Sendable {
    /// The extensions it offers.
    var offers = ["PIPELINING", "8BITMIME"]

    /// The answer to a command line, or to "." for the end of a message. Several lines are separated by CR LF; nil
    /// closes the connection.
    var reply: @Sendable (String) -> String? = { line in
        line == "DATA" ? "354 go on" : line == "." ? "250 2.0.0 Ok: queued as Q1" : "250 ok"
    }

    /// Collects every message as sent on the wire, including its end marker.
    var messages = Collector<String>()

    /// Collects every command line.
    var commands = Collector<String>()

    func serve(_ connection: TestConnection) {
        connection.write("220 peer ESMTP\r\n")
        while let line = connection.readLine() {
            commands.add(line)
            switch line.split(separator: " ").first?.uppercased() {
            case "EHLO":
                connection.write(
                    (["250-peer"] + offers.map { "250-\($0)" } + ["250 HELP"]).joined(separator: "\r\n") + "\r\n")
            case "QUIT":
                return
            default:
                guard let answer = reply(line) else { return }
                connection.write("\(answer)\r\n")
                guard line == "DATA", answer.hasPrefix("354") else { continue }
                guard let message = readMessage(connection) else { return }
                messages.add(message)
                guard let verdict = reply(".") else { return }
                connection.write("\(verdict)\r\n")
            }
        }
    }

    private func readMessage(_ connection: TestConnection) -> String? {
        var message = ""
        while let line = connection.readLine() {
            message += "\(line)\r\n"
            if line == "." { return message }
        }
        return nil
    }
}

extension MailSubmission {
    /// A small message for a server on loopback without TLS.
    static func test(
        port: UInt16, recipients: [String] = ["to@example.com"], text: String = "Subject: t\r\n\r\nhello\r\n",
        username: String? = nil, startTLS: SMTPServer.StartTLS = .none, totalTimeout: Duration = .seconds(30)
    ) -> MailSubmission {
        let server = SMTPServer(
            url: "smtp://127.0.0.1:\(port)", username: username, password: username, startTLS: startTLS,
            helloName: "client.example.com")
        return MailSubmission(
            server: server, from: "from@example.com", recipients: recipients, data: Array(text.utf8),
            totalTimeout: totalTimeout)
    }
}
