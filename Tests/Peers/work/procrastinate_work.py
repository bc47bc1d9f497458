"""Procrastinate's task and producer. A job that was sent stays in its table as succeeded."""
import asyncio
import os

import procrastinate

import message

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=os.environ["PEER_BROKER"], min_size=4, max_size=20))


@app.task(name="send")
async def send(recipient, order_id):
    message.send(recipient, order_id)


async def prepare():
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def work():
    async with app.open_async():
        await app.run_worker_async(concurrency=20, fetch_job_polling_interval=1)


def serve():
    with app.open():
        message.serve_producer(enqueue)


def enqueue(first, count):
    for start in range(first, first + count, 500):
        numbers = range(start, min(start + 500, first + count))
        send.batch_defer(*({"recipient": message.recipient(n), "order_id": str(n)} for n in numbers))


if __name__ == "__main__":
    import sys

    {"prepare": lambda: asyncio.run(prepare()), "work": lambda: asyncio.run(work()), "produce": serve}[sys.argv[1]]()
