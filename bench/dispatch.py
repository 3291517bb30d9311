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
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
NGINX = """daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log crit;
events {{ worker_connections 1024; }}
http {{ access_log off; keepalive_requests 100000000; client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f;
  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  server {{ listen 127.0.0.1:{1}; location / {{ default_type application/json; return 200 '{{"status":"ok","id":"1"}}'; }} }} }}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000, help="a round and way")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--program", default=os.path.join(ROOT, "build", "release", "dun_dispatch"))
    parser.add_argument("--before", help="a dun_dispatch of another state, to compare with")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        port = free_port()
        with open(os.path.join(directory, "nginx.conf"), "w") as file:
            file.write(NGINX.format(directory, port))
        sink = subprocess.Popen(["nginx", "-p", directory, "-c", os.path.join(directory, "nginx.conf")])
        try:
            for _ in range(100):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            measure(given, f"http://127.0.0.1:{port}/send")
        finally:
            sink.terminate()
            sink.wait()


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
