"""Dramatiq's actor and producer. A message is acknowledged after it was sent; only retries stay of the middleware."""
import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import Retries

import message

broker = RedisBroker(url=os.environ["PEER_BROKER"], middleware=[Retries()])
dramatiq.set_broker(broker)


@dramatiq.actor
def send(recipient, order_id):
    message.send(recipient, order_id)


def enqueue(number):
    send.send(message.recipient(number), str(number))


if __name__ == "__main__":
    message.serve_producer(lambda first, count: message.in_clients(enqueue, first, count))
