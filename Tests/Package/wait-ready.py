"""Waits at a socket, as systemd does, until a service says that it is ready."""

import os
import socket
import sys

path = sys.argv[1]
if os.path.exists(path):
    os.unlink(path)
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
    listener.bind(path)
    os.chmod(path, 0o666)
    listener.settimeout(60)
    try:
        text = listener.recv(4096).decode()
    except TimeoutError:
        sys.exit("nothing was said for 60 s")
sys.exit(0 if "READY=1" in text.split("\n") else f"this was said: {text}")
