"""Celery's task and producer. The settings for speed: no results, no events, a large prefetch, batches when publishing."""
import os

import celery

import message

app = celery.Celery("peers", broker=os.environ["PEER_BROKER"])
app.conf.update(
    task_ignore_result=True,
    worker_send_task_events=False,
    worker_prefetch_multiplier=128,
    # With full sync a task is acknowledged after it has run, so that a crash loses none.
    task_acks_late=os.environ["PEER_SYNC"] == "full",
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)


@app.task(name="send")
def send(recipient, order_id):
    message.send(recipient, order_id)


def enqueue(first, count):
    with app.producer_or_acquire() as producer, producer.batch():
        for number in range(first, first + count):
            send.apply_async((message.recipient(number), str(number)), producer=producer)


if __name__ == "__main__":
    message.serve_producer(enqueue)
