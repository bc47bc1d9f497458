"""huey's task and producer, without results. huey takes a task from Redis before it runs it: a crash loses those that run."""
import os

from huey import RedisHuey

import message

huey = RedisHuey("peers", url=os.environ["PEER_BROKER"], results=False, read_timeout=1)


@huey.task()
def send(recipient, order_id):
    message.send(recipient, order_id)


def enqueue(number):
    send(message.recipient(number), str(number))


if __name__ == "__main__":
    import huey_work  # the task under the name by which the consumer knows it

    message.serve_producer(lambda first, count: message.in_clients(huey_work.enqueue, first, count))
