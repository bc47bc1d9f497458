"""Kannel's producer: eight kept connections, each with one request at a time. Kannel has no templates: this renders."""
import socket
import sys
import threading
from urllib.parse import quote_plus

ADDRESS = ("127.0.0.1", int(sys.argv[1]))
CONNECTIONS = 8


def send(numbers):
    with socket.create_connection(ADDRESS) as connection, connection.makefile("rb") as answers:
        for number in numbers:
            text = quote_plus(f"About order {number}.")
            connection.sendall(
                f"GET /cgi-bin/sendsms?username=peers&password=peers&from=%2B12025550100"
                f"&to=%2B1202{1_000_000 + number % 10_000}&text={text} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            status = answers.readline()
            length = 0
            while (header := answers.readline()) not in (b"\r\n", b""):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
            body = answers.read(length)
            if b" 202 " not in status:
                sys.exit(f"a message was answered {status!r}: {body!r}")


for command in sys.stdin:
    first, count = map(int, command.split())
    clients = [
        threading.Thread(target=send, args=(range(first + index, first + count, CONNECTIONS),))
        for index in range(CONNECTIONS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
