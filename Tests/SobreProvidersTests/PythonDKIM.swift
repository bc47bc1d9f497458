import Foundation

/// An independent verifier of DKIM signatures: dkimpy (https://launchpad.net/dkimpy).
enum PythonDKIM {
    struct Case: Encodable {
        /// The email in base64.
        var mail: String
        /// The TXT records by their names in DNS.
        var records: [String: String]

        init(_ mail: [UInt8], records: [String: String]) {
            self.mail = Data(mail).base64EncodedString()
            self.records = records
        }
    }

    /// Whether Python and dkimpy with PyNaCl are installed.
    static let isInstalled = (try? run("import dkim, nacl.signing; print('ok')", input: Data())) == Data("ok\n".utf8)

    private static let program = """
        import sys, json, base64, dkim
        answers = []
        for case in json.load(sys.stdin):
            records = {name + ".": text.encode() for name, text in case["records"].items()}
            verifier = dkim.DKIM(base64.b64decode(case["mail"]), minkey=1024)
            results = []
            count = sum(1 for name, _ in verifier.headers if name.lower() == b"dkim-signature")
            for index in range(count):
                try:
                    results.append(bool(verifier.verify(
                        idx=index, dnsfunc=lambda name, timeout=5: records.get(name.decode() if isinstance(name, bytes) else name))))
                except dkim.DKIMException as error:
                    results.append(False)
            answers.append(results)
        print(json.dumps(answers))
        """

    /// For each email, whether each of its signatures is valid.
    static func verify(_ cases: [Case]) throws -> [[Bool]] {
        try JSONDecoder().decode([[Bool]].self, from: run(program, input: JSONEncoder().encode(cases)))
    }

    private static func run(_ program: String, input: Data) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        try process.run()
        let writer = Thread {
            try? stdin.fileHandleForWriting.write(contentsOf: input)
            try? stdin.fileHandleForWriting.close()
        }
        writer.start()
        let data = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return data
    }
}
