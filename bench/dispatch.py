#!/usr/bin/env python3
"""What a request to a gateway costs beside what libcurl itself takes.

usage: bench/dispatch.py [--requests N] [--rounds R] [--program FILE]

Starts an nginx that answers at once, on loopback and in a directory of its own, and lets Dun's client and a bare loop over
libcurl send to it in turns. Prints the CPU time of each a request, and the medians, minima and maxima of the ratios within
the rounds. Needs build/release/dun_dispatch (cmake --preset release).
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
from servers import ROOT, Sink  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000, help="a round and way")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "dun_dispatch"))
    parser.add_argument("--before", help="a dun_dispatch of another state, to compare with")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        with Sink(directory, keeps=False) as sink:
            measure(given, sink.url)


def measure(given, url):
    ways = {"bare": [given.program, "--way", "bare"], "dun": [given.program, "--way", "dun"]}
    if given.before:
        ways["before"] = [given.before, "--way", "dun"]
    figures = {way: [] for way in ways}
    for number in range(given.rounds):
        order = list(ways) if number % 2 == 0 else list(ways)[::-1]
        for way in order:
            done = subprocess.run([*ways[way], url, "--requests", str(given.requests)], capture_output=True, text=True, check=True)
            figures[way].append(json.loads(done.stdout))
    for way, rounds in figures.items():
        cpu, rate = ([one[name] for one in rounds] for name in ("cpu_micros", "rate"))
        print(f"{way}: {statistics.median(cpu):.1f} us of the processor a request ({min(cpu):.1f}-{max(cpu):.1f}), "
              f"{statistics.median(rate):.0f} a second")
    for way in [way for way in ways if way != "bare"]:
        ratios = [one["cpu_micros"] / bare["cpu_micros"] for one, bare in zip(figures[way], figures["bare"])]
        print(f"{way} / bare: {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")


if __name__ == "__main__":
    sys.exit(main())
