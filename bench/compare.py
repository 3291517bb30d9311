#!/usr/bin/python3
"""Dun beside what one would pick instead, over the same Redis and the same gateway, in turns.

usage: bench/compare.py [--rounds R] [--notices N] [--only dun,bullmq] [--program FILE] [--before FILE] [--json FILE]

The whole work: a producer publishes N things of which somebody must be told, the contestant decides and sends each as one
HTTP request, 64 at a time, to an nginx that answers at once. Work counts from the first event or job until nginx has taken
the last request; the processor's time counts of producer, contestant and Redis, until a second after. Persistence is off.

  dun       dun publish --direct, dun serve
  bullmq    BullMQ on Node.js: jobs added in bulks of a thousand, a worker of concurrency 64
  celery    Celery: a worker with 64 greenlets
  wrk       requests of the same size for five seconds, and nothing else: the most that this machine sends
  before    with --before: the dun of another state, as dun
  writer    the MULTI/EXEC groups of one round of dun, written to a fresh Redis in one go: the least that Redis spends

Prints medians, and medians with minimum and maximum of the ratios within the rounds; writes all of it, with a plot beside
it, to build/bench. Needs bench/setup, and build/release/dun (cmake --preset release && ninja -C build/release dun).
"""
import argparse
import datetime
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from contestants import recorder  # noqa: E402
from contestants.dun import Dun, WIDTH, write_events  # noqa: E402
from report import inversions, print_report, write_report  # noqa: E402
from servers import ROOT, Server, Sink, redis_server, wait_for  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
BULLMQ = os.path.join(ROOT, "build", "bench", "bullmq")
SETTLE = 1  # seconds after the last request: what is still to be written down is part of the work
LUA = """wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"to":"+8613000000000","text":"You owe CNY 12.50. Please pay within three days."}'
"""


def whole_work(given, directory, redis, sink, worker, producer):
    """Runs the producer beside the worker and returns the figures of both, and of Redis."""
    before = {"worker": worker.cpu(), "redis": redis.cpu(), "sink": sink.cpu()}
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.time()
    with open(os.path.join(directory, "producer.log"), "w") as log:
        running = subprocess.Popen(producer, cwd=given.cwd, env=given.env, stdout=log, stderr=log)
        first = wait_for(lambda: sink.taken() > 0 and time.time(), "a message came")
        wait_for(lambda: sink.taken() >= given.notices, "all messages came", 200, 0.1)
        if running.wait(60) != 0:
            raise RuntimeError(f"{producer[0]} failed: see {log.name}")
    time.sleep(SETTLE)
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = {"worker": worker.cpu(), "redis": redis.cpu(), "sink": sink.cpu()}
    cpu = {name: cpu[name] - before[name] for name in cpu}
    cpu["producer"] = spent.ru_utime + spent.ru_stime - children.ru_utime - children.ru_stime
    sent = sink.sent()
    seconds = max(at for at, _ in sent) - begun
    return {"seconds": seconds, "rate": given.notices / seconds, "first_after": first - begun,
            "micros": {name: spent / given.notices * 1e6 for name, spent in cpu.items()},
            "client_and_redis": sum(cpu[name] for name in ("worker", "redis", "producer")) / given.notices * 1e6,
            "memory": {"worker": worker.memory(), "redis": redis.memory()},
            "inversions": inversions([number for _, number in sent], WIDTH),
            "messages": len(sent)}


def run_dun(given, directory):
    events = write_events(os.path.join(directory, "events.ndjson"), given.notices)
    with redis_server(directory) as redis, Sink(directory) as sink:
        with Dun(given.program, directory, redis.port, sink.url) as dun:
            return whole_work(given, directory, redis, sink, dun.server, dun.publish(events))


def run_bullmq(given, directory):
    with redis_server(directory) as redis, Sink(directory) as sink:
        with Server(["node", "work.js", str(redis.port), sink.url], cwd=BULLMQ, stdout=subprocess.PIPE) as worker:
            if worker.process.stdout.readline() != b"ready\n":
                raise RuntimeError("BullMQ's worker does not begin: has bench/setup been run?")
            given.cwd = BULLMQ
            return whole_work(given, directory, redis, sink, worker, ["node", "add.js", str(redis.port), str(given.notices)])


def run_celery(given, directory):
    with redis_server(directory) as redis, Sink(directory) as sink:
        given.cwd = os.path.join(HERE, "contestants")
        given.env = {**os.environ, "REDIS_PORT": str(redis.port), "SINK": sink.url, "PYTHONDONTWRITEBYTECODE": "1"}
        worker = [sys.executable, "-m", "celery", "-A", "celery_work", "worker", "--pool", "gevent", "--concurrency", str(WIDTH), "--loglevel", "WARNING",
                  "--without-gossip", "--without-mingle", "--without-heartbeat"]
        with open(os.path.join(directory, "celery.log"), "w") as log, \
                Server(worker, cwd=given.cwd, env=given.env, stdout=log, stderr=log) as celery:
            inspect = [sys.executable, "-m", "celery", "-A", "celery_work", "inspect", "ping", "--timeout", "1"]
            wait_for(lambda: subprocess.run(inspect, cwd=given.cwd, env=given.env, stdout=log, stderr=log).returncode == 0,
                     "celery answers", 60)
            return whole_work(given, directory, redis, sink, celery, [sys.executable, "celery_work.py", str(given.notices)])


def run_wrk(given, directory):
    script = os.path.join(directory, "post.lua")
    with open(script, "w") as file:
        file.write(LUA)
    with Sink(directory) as sink:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        said = subprocess.run(["wrk", "-t", "1", "-c", str(WIDTH), "-d", "5", "-s", script, sink.url], capture_output=True, text=True,
                              check=True).stdout
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        requests = int(re.search(r"(\d+) requests in", said).group(1))
        cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
        return {"rate": float(re.search(r"Requests/sec:\s+([\d.]+)", said).group(1)), "client_and_redis": cpu / requests * 1e6,
                "micros": {"worker": cpu / requests * 1e6, "sink": sink.cpu() / requests * 1e6}, "messages": requests}


def run_writer(given, directory):
    recorded = recorder.recorded(given.recording, lambda: record_dun(given))
    with redis_server(directory) as redis:
        before, begun = redis.cpu(), time.time()
        recorder.write(recorded, redis.port)
        seconds = time.time() - begun
        micros = (redis.cpu() - before) / given.recorded_notices * 1e6
        return {"rate": given.recorded_notices / seconds, "micros": {"redis": micros}, "client_and_redis": micros}


def record_dun(given):
    """The MULTI/EXEC groups of one round of Dun's commits."""
    with tempfile.TemporaryDirectory(prefix="dun-bench-") as directory:
        events = write_events(os.path.join(directory, "events.ndjson"), given.recorded_notices)
        with redis_server(directory) as redis, Sink(directory) as sink, recorder.Recorder(redis.port) as between:
            with Dun(given.program, directory, between.port, sink.url) as dun:
                subprocess.run(Dun.publish(dun, events), check=True, stdout=subprocess.DEVNULL)
                wait_for(lambda: sink.taken() >= given.recorded_notices, "all messages came", 200, 0.1)
                time.sleep(SETTLE)
            return between.transactions()


CONTESTANTS = {"dun": run_dun, "bullmq": run_bullmq, "celery": run_celery, "wrk": run_wrk, "writer": run_writer}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--notices", type=int, default=50_000, help="a round and contestant")
    parser.add_argument("--only", default=",".join(CONTESTANTS), help="contestants, by commas")
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "dun"))
    parser.add_argument("--before", help="a dun of another state, to compare with")
    parser.add_argument("--json", default=os.path.join(ROOT, "build", "bench", "compare.json"))
    given = parser.parse_args()
    if unknown := set(given.only.split(",")) - set(CONTESTANTS):
        parser.error(f"--only: there is no {', '.join(sorted(unknown))}; there are {', '.join(CONTESTANTS)}")
    contestants = {name: CONTESTANTS[name] for name in given.only.split(",")}
    if given.before:
        contestants["before"] = run_dun
    given.recording, given.recorded_notices = {}, min(given.notices, 50_000)
    figures = {name: [] for name in contestants}
    program = given.program
    for number in range(given.rounds):
        order = list(contestants) if number % 2 == 0 else list(contestants)[::-1]
        for name in order:
            given.cwd, given.env = None, None
            given.program = given.before if name == "before" else program
            with tempfile.TemporaryDirectory(prefix="dun-bench-") as directory:
                found = contestants[name](given, directory)
            figures[name].append(found)
            print(f"round {number + 1}: {name}: {found['rate']:.0f}/s, {found['client_and_redis']:.1f} us each", flush=True)
    print_report(figures)
    write_report(given.json, {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                              "notices": given.notices, "rounds": given.rounds, "cores": os.cpu_count(), "figures": figures})


if __name__ == "__main__":
    sys.exit(main())
