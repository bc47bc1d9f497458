"""An SMTP server on loopback that refuses every login and repeats it in its answer."""

import socketserver
import threading

PORT = 2525
# How often somebody has tried to log in, one element each.
LOGINS = []
# An instance of Sobre's that sends to it.
PROVIDER = {
    "type": "smtp", "channel": "email", "hosts": [], "settings": {"host": "127.0.0.1", "port": str(PORT), "security": "none"},
    "secrets": {"username": "wire-secret-relay-user", "password": "wire-secret-relay-password"},
}


class Handler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.say("220 relay.wire.example ESMTP")
        for line in self.rfile:
            words = line.decode(errors="replace").strip()
            verb = words.split(" ")[0].upper()
            if verb == "EHLO":
                self.say("250-relay.wire.example")
                self.say("250 AUTH PLAIN LOGIN")
            elif verb == "AUTH":
                LOGINS.append(words)
                if len(words.split(" ")) == 2:
                    self.say("334 ")
                    words += " " + self.rfile.readline().decode(errors="replace").strip()
                self.say(f"535 5.7.8 not accepted: {words}")
            elif verb == "QUIT":
                return self.say("221 bye")
            else:
                self.say(f"535 5.7.8 not accepted: {words}")


def start():
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    server = socketserver.ThreadingTCPServer(("127.0.0.1", PORT), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
