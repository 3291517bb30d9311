"""The Celery contestant: `celery -A celery_work worker` sends, `python3 celery_work.py JOBS` adds. REDIS_PORT and SINK say where."""
import json
import os
import sys

import urllib3
from celery import Celery

WIDTH = 64
app = Celery("notices", broker=f"redis://127.0.0.1:{os.environ['REDIS_PORT']}/0")
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=4, broker_connection_retry_on_startup=True)
pool = urllib3.PoolManager(maxsize=WIDTH, block=True)


@app.task(name="notices.notice")  # whoever imports this
def notice(to, balance, currency):
    body = json.dumps({"to": to, "text": f"You owe {currency} {balance[1:]}. Please pay within three days."})
    said = pool.request("POST", os.environ["SINK"], body=body, headers={"Content-Type": "application/json", "X-To": to})
    return json.loads(said.data)["id"]


def add(jobs):
    with app.connection_for_write() as connection, app.amqp.producer_pool.acquire(block=True) as producer:
        del connection
        for number in range(jobs):
            notice.apply_async((f"+8613{number:09}", "-12.50", "CNY"), producer=producer)


if __name__ == "__main__":
    add(int(sys.argv[1]))
