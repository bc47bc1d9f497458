"""What every Python peer does with a message: render the template, and post the text over a kept connection.

The template is that of sobre-bench, compiled once by Jinja2, which renders it several times faster than python-liquid.
The connection is libcurl's, as in Sobre: one handle for each thread, which keeps its connection open.
"""
import os
import sys
import threading
from urllib.parse import urlencode

import jinja2
import pycurl

SINK = f"http://127.0.0.1:{os.environ.get('PEER_SINK')}/2010-04-01/Accounts/AC1/Messages.json"
TEMPLATE = jinja2.Environment().from_string("About order {{ order_id }}.")
_thread = threading.local()


def send(recipient, order_id):
    """Renders and posts one message. Raises unless the provider accepts it."""
    curl = getattr(_thread, "curl", None)
    if curl is None:
        curl = _thread.curl = pycurl.Curl()
        curl.setopt(pycurl.URL, SINK)
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.USERPWD, "AC1:token")
        curl.setopt(pycurl.HTTPHEADER, ["Expect:"])
        curl.setopt(pycurl.WRITEFUNCTION, len)
    text = TEMPLATE.render(order_id=order_id)
    curl.setopt(pycurl.POSTFIELDS, urlencode({"To": recipient, "From": "+12025550100", "Body": text}))
    curl.perform()
    status = curl.getinfo(pycurl.RESPONSE_CODE)
    if status != 201:
        raise RuntimeError(f"the provider answered {status}")


def recipient(number):
    return f"+1202{1_000_000 + number % 10_000}"


def in_clients(enqueue, first, count):
    """Calls `enqueue(number)` for each number, from several threads, as several clients would.

    For queues without batches: Redis syncs once for all clients that wait, so that one client would wait for each sync.
    """
    clients = int(os.environ["PEER_CLIENTS"])

    def run(start):
        for number in range(start, first + count, clients):
            enqueue(number)

    threads = [threading.Thread(target=run, args=(first + index,)) for index in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def serve_producer(enqueue):
    """Calls `enqueue(first, count)` for each line "first count" of standard input.

    The producer is started before the clock runs, and says so.
    """
    print("ready", flush=True)
    for line in sys.stdin:
        enqueue(*map(int, line.split()))
