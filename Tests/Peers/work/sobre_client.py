"""Sobre's producer: batches of 500 messages as NDJSON, from four clients at once."""
import http.client
import sys
import threading
from urllib.parse import urlsplit

ADDRESS = urlsplit(sys.argv[1]).netloc
CHANNEL = sys.argv[2]
CLIENTS = 4
BATCH = 500


def line(number):
    return (
        f'{{"idempotency_key":"peers-{number}","recipient":"person-{number % 10_000}","template":"offer",'
        f'"campaign":"peers","category":"marketing","channels":["{CHANNEL}"],"dedup_key":"peers-{number}",'
        f'"data":{{"order_id":"{number}"}}}}\n')


def send(batches):
    connection = http.client.HTTPConnection(ADDRESS)
    for numbers in batches:
        body = "".join(map(line, numbers))
        connection.request("POST", "/v1/messages", body, {"Content-Type": "application/x-ndjson"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 202:
            sys.exit(f"a batch was answered {answer.status}: {text[:200]}")


for command in sys.stdin:
    first, count = map(int, command.split())
    end = first + count
    batches = [range(start, min(start + BATCH, end)) for start in range(first, end, BATCH)]
    clients = [threading.Thread(target=send, args=(batches[index::CLIENTS],)) for index in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
