import Foundation

/// An independent parser of emails: the `email` package of Python's standard library.
enum PythonMail {
    struct Reading: Decodable {
        struct Part: Decodable {
            var type: String
            var filename: String?
            var text: String?
            var base64: String?
            var content_id: String?
            var disposition: String?
            var parameters: [String: String]
        }
        var headers: [String: String]
        var from: [[String]]
        var parts: [Part]
        var structure: String
        var defects: [String]
    }

    static let executable = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    private static let program = """
        import sys, json, base64, email, email.policy
        from email.header import decode_header, make_header
        from email.utils import getaddresses
        raw = sys.stdin.buffer.read()
        m = email.message_from_bytes(raw, policy=email.policy.default)
        # The newer API of Python 3.11 keeps the white space between encoded words of a name (RFC 2047 6.2: drop it).
        plain = email.message_from_bytes(raw)
        parts, defects = [], [repr(d) for d in m.defects]
        def shape(p):
            return p.get_content_type() + ("(" + ",".join(shape(q) for q in p.iter_parts()) + ")" if p.is_multipart() else "")
        for p in m.walk():
            defects += [repr(d) for d in p.defects]
            for n, v in p.items():
                defects += [n + ": " + repr(d) for d in getattr(v, "defects", [])]
            if p.is_multipart(): continue
            part = {"type": p.get_content_type(), "filename": p.get_filename(),
                "content_id": p["content-id"] and str(p["content-id"]), "disposition": p.get_content_disposition(),
                "parameters": dict(p["content-type"].params)}
            if p.get_content_maintype() == "text" and p.get_content_disposition() is None:
                part["text"] = p.get_content().replace("\\r\\n", "\\n")
            else:
                part["base64"] = base64.b64encode(p.get_payload(decode=True)).decode()
            parts.append(part)
        print(json.dumps({"headers": {k.lower(): str(v) for k, v in m.items()},
            "from": [[str(make_header(decode_header(n))), a] for n, a in getaddresses([plain["from"]])],
            "parts": parts, "structure": shape(m), "defects": defects}))
        """

    static func read(_ mail: [UInt8]) throws -> Reading {
        let process = Process()
        process.executableURL = URL(filePath: executable!)
        process.arguments = ["-c", program]
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        try input.fileHandleForWriting.write(contentsOf: Data(mail))
        try input.fileHandleForWriting.close()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return try JSONDecoder().decode(Reading.self, from: data)
    }
}
