import Foundation

/// An HTTP/2 server in the shape of Apple's push service that counts connections and pushes. It runs in Python over the
/// package h2, which sets no bound on streams that are reset: libcurl before 8.1 resets each stream once more after its
/// end, and Node.js closes a connection for that after some thousand of them.
final class APNsFlood {
    /// Whether Python and h2 are installed.
    static let isInstalled: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", "import h2.connection"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    struct Report: Decodable {
        var connections: Int
        var pushes: Int
        var ids: Int
        var tokens: Int
        /// The most requests at once on one connection.
        var streams: Int
    }

    private let server: PushServerProcess

    var url: String { "https://localhost:\(server.port)" }
    var caFile: String { server.folder.appending(path: "server.pem").path }

    init() throws {
        server = try PushServerProcess(["/usr/bin/env", "python3"], name: "server.py", script: Self.script)
    }

    /// Ends the server, which then writes what it has seen.
    func stop() throws -> Report { try server.stop() }

    private static let script = #"""
        import asyncio, json, os, signal, ssl, subprocess, sys
        import h2.config, h2.connection, h2.events, h2.settings

        os.chdir(sys.argv[1])
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost"], check=True, stderr=subprocess.DEVNULL)
        seen = {"connections": 0, "pushes": 0, "streams": 0}
        ids, tokens = set(), set()


        class Peer(asyncio.Protocol):
            def connection_made(self, transport):
                seen["connections"] += 1
                self.transport = transport
                self.streams = {}
                config = h2.config.H2Configuration(client_side=False, header_encoding="utf-8")
                self.h2 = h2.connection.H2Connection(config)
                self.h2.initiate_connection()
                self.h2.update_settings({h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS: 1000})
                transport.write(self.h2.data_to_send())

            def data_received(self, data):
                for event in self.h2.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        self.streams[event.stream_id] = dict(event.headers)
                        seen["streams"] = max(seen["streams"], len(self.streams))
                    elif isinstance(event, h2.events.DataReceived):
                        self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    elif isinstance(event, h2.events.StreamEnded):
                        # Some pushes take a moment, so that others come in meanwhile.
                        asyncio.get_running_loop().call_later(0.05, self.answer, event.stream_id)
                self.transport.write(self.h2.data_to_send())

            def answer(self, stream):
                headers = self.streams.pop(stream)
                seen["pushes"] += 1
                ids.add(headers["apns-id"])
                tokens.add(headers["authorization"])
                self.h2.send_headers(stream, [(":status", "200"), ("apns-id", headers["apns-id"])], end_stream=True)
                self.transport.write(self.h2.data_to_send())


        async def main():
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain("server.pem", "server.key")
            context.set_alpn_protocols(["h2"])
            loop = asyncio.get_running_loop()
            server = await loop.create_server(Peer, "127.0.0.1", 0, ssl=context)
            ended = asyncio.Event()
            loop.add_signal_handler(signal.SIGTERM, ended.set)
            with open("port.new", "w") as file:
                file.write(str(server.sockets[0].getsockname()[1]))
            os.rename("port.new", "port")
            await ended.wait()
            with open("report.json", "w") as file:
                json.dump({**seen, "ids": len(ids), "tokens": len(tokens)}, file)
            os._exit(0)


        asyncio.run(main())
        """#
}
