import Foundation

/// An HTTP/2 server in the shape of Apple's push service, on a free port of this machine: TLS with a certificate of an
/// authority made only for it, up to 1,000 streams on a connection, tokens signed with ES256 or client certificates.
/// It runs in Node.js, whose HTTP/2 has nothing in common with ours.
final class APNsServer {
    static let node: String? = ["/usr/bin/node", "/usr/local/bin/node"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What the server has seen.
    struct Report: Decodable {
        var connections: Int
        var pushes: Int
        var ids: Int
        var tokens: Int
        var certificates: Int
        var problems: [String]
        var last: [String: String]
        var body: String
    }

    private let server: PushServerProcess

    var url: String { "https://localhost:\(server.port)" }
    var caFile: String { server.folder.appending(path: "ca.pem").path }
    var clientCertificate: String { text("client.pem") }
    var clientKey: String { text("client.key") }

    /// Starts the server, and waits up to 20 s for its port.
    ///
    /// - Parameter publicKey: the PEM key that verifies the tokens of requests.
    /// - Throws: ``PushServerProcess/Failed`` with the server's words when it does not start.
    init(publicKey: String) throws {
        server = try PushServerProcess(
            [Self.node ?? "/usr/bin/node"], name: "server.mjs", script: Self.script, files: ["token.pem": publicKey])
    }

    /// Ends the server, which then writes what it has seen.
    func stop() throws -> Report { try server.stop() }

    private func text(_ name: String) -> String {
        (try? String(contentsOf: server.folder.appending(path: name), encoding: .utf8)) ?? ""
    }

    private static let script = #"""
        import http2 from "node:http2";
        import crypto from "node:crypto";
        import fs from "node:fs";
        import { execFileSync } from "node:child_process";

        const folder = process.argv[2];
        process.chdir(folder);

        function certificate(name, subject, ...more) {
            execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-keyout", name + ".key", "-out", name + ".pem", "-subj", "/CN=" + subject, ...more],
                { stdio: "ignore" });
        }
        const byCA = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:false"];
        certificate("ca", "Test authority");
        certificate("server", "localhost", ...byCA, "-addext", "subjectAltName=DNS:localhost");
        certificate("client", "com.example.app", ...byCA, "-addext", "extendedKeyUsage=clientAuth");

        const read = (name) => fs.readFileSync(name);
        const publicKey = crypto.createPublicKey(read("token.pem"));
        const seen = { connections: 0, pushes: 0, certificates: 0, problems: [], last: {}, body: "" };
        const ids = new Set();
        const tokens = new Map();

        // What is wrong with a token; an empty text if it is valid. Each is checked once.
        function problemOf(token) {
            if (tokens.has(token)) return tokens.get(token);
            let problem = "";
            const [header, claims, signature] = token.split(".");
            const json = (part) => JSON.parse(Buffer.from(part, "base64url").toString());
            if (json(header).alg !== "ES256" || json(header).kid !== "KEY7") problem = "header " + header;
            if (json(claims).iss !== "TEAM9" || Math.abs(Date.now() / 1000 - json(claims).iat) > 3600) problem = "claims";
            const valid = crypto.verify("sha256", Buffer.from(header + "." + claims),
                { key: publicKey, dsaEncoding: "ieee-p1363" }, Buffer.from(signature, "base64url"));
            if (!valid) problem = "signature";
            tokens.set(token, problem);
            return problem;
        }

        const refusals = {
            gone: [410, { reason: "Unregistered", timestamp: 1772355600000 }],
            wrong: [400, { reason: "BadDeviceToken" }],
            stale: [403, { reason: "ExpiredProviderToken" }],
        };

        const server = http2.createSecureServer({
            key: read("server.key"), cert: read("server.pem"), ca: read("ca.pem"), requestCert: true,
            rejectUnauthorized: false, settings: { maxConcurrentStreams: 1000 },
        });
        server.on("session", (session) => {
            seen.connections += 1;
            if (session.socket.authorized) seen.certificates += 1;
        });
        server.on("stream", (stream, headers) => {
            const note = (problem) => { if (seen.problems.length < 20) seen.problems.push(problem); };
            let body = "";
            stream.setEncoding("utf8");
            stream.on("data", (text) => { body += text; });
            stream.on("error", () => {});
            stream.on("end", () => {
                seen.pushes += 1;
                const path = headers[":path"];
                if (headers[":method"] !== "POST" || !path.startsWith("/3/device/")) note("path " + path);
                const authorization = headers["authorization"];
                if (authorization) {
                    const problem = authorization.startsWith("bearer ") ? problemOf(authorization.slice(7)) : "scheme";
                    if (problem) note(problem);
                } else if (!stream.session.socket.authorized) {
                    note("neither a token nor a certificate");
                }
                try { if (!JSON.parse(body).aps) note("no aps"); } catch { note("no JSON"); }
                const id = headers["apns-id"] ?? crypto.randomUUID();
                ids.add(id);
                seen.last = {};
                for (const name in headers) if (name.startsWith("apns-")) seen.last[name] = String(headers[name]);
                seen.body = body;
                const [status, reason] = refusals[path.slice("/3/device/".length)] ?? [200, null];
                stream.respond({ ":status": status, "apns-id": id });
                stream.end(reason ? JSON.stringify(reason) : undefined);
            });
        });
        process.on("SIGTERM", () => {
            fs.writeFileSync("report.json", JSON.stringify({ ...seen, ids: ids.size, tokens: tokens.size }));
            process.exit(0);
        });
        server.listen(0, "127.0.0.1", () => {
            fs.writeFileSync("port.new", String(server.address().port));
            fs.renameSync("port.new", "port");
        });
        """#
}
