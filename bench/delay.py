#!/usr/bin/python3
"""How long it takes from an event to its message, at a steady rate of events and after a burst.

usage: bench/delay.py [--rates 500,5000,12000] [--seconds S] [--burst N] [--rounds R] [--program build/release/dun]

Publishes events of accounts in arrears, each worth one message, at each rate for S seconds and prints the median, the 99th
percentile and the longest time from writing an event to its request at an nginx that answers at once; then N events as
fast as they are taken, and how long after the first of them the first message, and the last, came. Redis does not persist.
Needs build/release/dun (cmake --preset release && ninja -C build/release dun) and nginx (bench/setup).
"""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from contestants.dun import Dun, write_events  # noqa: E402
from report import spread  # noqa: E402
from servers import ROOT, Sink, redis_server, wait_for  # noqa: E402

STEP = 0.01  # seconds between two writes at a rate


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def publish(command, lines, rate):
    """Writes the lines to the publisher at so many a second, or at once (0); when each was written."""
    publisher = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    written, begun = [], time.time()
    if rate == 0:
        written = [begun] * len(lines)
        publisher.stdin.write(b"".join(lines))
    while len(written) < len(lines):
        wanted = min(len(lines), int((time.time() - begun) * rate) + 1)
        if wanted > len(written):
            some = lines[len(written):wanted]
            written += [time.time()] * len(some)
            publisher.stdin.write(b"".join(some))
            publisher.stdin.flush()
        time.sleep(STEP)
    publisher.stdin.close()
    if publisher.wait() != 0:
        raise RuntimeError("dun publish failed")
    return written


def measure(program, notices, rate):
    """Seconds from event to message, of each, in the order of the messages."""
    with tempfile.TemporaryDirectory(prefix="dun-bench-") as directory:
        with open(write_events(os.path.join(directory, "events.ndjson"), notices), "rb") as file:
            lines = file.readlines()
        with redis_server(directory) as redis, Sink(directory) as sink:
            with Dun(program, directory, redis.port, sink.url) as dun:
                written = publish(dun.publish("-"), lines, rate)
                wait_for(lambda: sink.taken() >= notices, "all messages came", pause=0.1)
                return [at - written[number] for at, number in sink.sent()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rates", default="500,5000,12000", help="events a second, by commas")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--burst", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "dun"))
    given = parser.parse_args()
    for rate in [int(rate) for rate in given.rates.split(",") if rate]:
        rounds = [measure(given.program, int(rate * given.seconds), rate) for _ in range(given.rounds)]
        shown = {name: spread([what(one) * 1000 for one in rounds], "{:.0f}") for name, what in
                 {"median": statistics.median, "99th percentile": lambda one: percentile(one, 0.99), "longest": max}.items()}
        print(f"{rate} events a second: " + ", ".join(f"{name} {text} ms" for name, text in shown.items()), flush=True)
    if given.burst:
        rounds = [measure(given.program, given.burst, 0) for _ in range(given.rounds)]
        print(f"{given.burst} events at once: first message after {spread([one[0] for one in rounds])} s, "
              f"last after {spread([one[-1] for one in rounds])} s")


if __name__ == "__main__":
    sys.exit(main())
