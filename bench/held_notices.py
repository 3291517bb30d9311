#!/usr/bin/env python3
"""What a night of held notices costs, and how soon the first one leaves after a restart.

usage: bench/held_notices.py [NOTICES]     (1,000,000; ten million take about 6 GB of memory and a quarter of an hour)

Publishes one arrears event for each of NOTICES accounts while it is night where they live, prints the memory that
Redis needs for them, kills the service, starts it again two seconds before seven in the morning, and prints how long it
took until the first message was at the gateway. Uses build/release/dun, a Redis and a gateway of its own.
"""
import datetime
import os
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM, SOURCE = os.path.join(ROOT, "build", "release", "dun"), ROOT
sys.path.insert(0, os.path.join(ROOT, "tests", "integration"))
sys.argv[1:] = [PROGRAM, SOURCE, *sys.argv[1:]]  # as the tests' module expects them
import program  # noqa: E402
from program import CONFIG, free_port, wait_until  # noqa: E402

program.LONGEST = 7200  # seconds; a bound against hanging

NOTICES = int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000
NIGHT, MORNING = "2026-01-31T23:00:00+08:00", "2026-02-01T06:59:58+08:00"


def redis(port, *command):
    return subprocess.run(["redis-cli", "-p", str(port), *command], capture_output=True, text=True).stdout


def memory(port):
    return int(next(line for line in redis(port, "INFO", "memory").splitlines() if line.startswith("used_memory:"))
               .split(":")[1])


def usage(port, pattern):
    """The memory of all keys of a pattern, in bytes."""
    keys = redis(port, "--scan", "--pattern", pattern)
    asked = "".join(f"MEMORY USAGE {key} SAMPLES 0\n" for key in keys.split())
    said = subprocess.run(["redis-cli", "-p", str(port)], input=asked, capture_output=True, text=True).stdout
    return sum(int(line) for line in said.split())


def serve(directory, port, gateway, clock):
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    log = open(os.path.join(directory, "serve.log"), "a")
    return subprocess.Popen([PROGRAM, "serve", "--config", CONFIG, "--redis", f"redis://127.0.0.1:{port}", "--owner", "bench",
                             "--listen", f"127.0.0.1:{free_port()}", "--clock", f"{clock},{now},1"],
                            env={**os.environ, "DUN_SIM_URL": f"http://127.0.0.1:{gateway}/send"}, stdout=log, stderr=log)


def publish(port):
    publisher = subprocess.Popen([PROGRAM, "publish", "--direct", "--unchecked", "--config", CONFIG, "--redis",
                                  f"redis://127.0.0.1:{port}"], stdin=subprocess.PIPE, text=True)
    for number in range(NOTICES):
        publisher.stdin.write(f'{{"id":"e{number}","type":"credit.changed","account":"A{number:09}","state":"arrears",'
                              f'"balance":"-12.50","currency":"CNY","time":"{NIGHT}","msisdn":"+8613{number:09}",'
                              '"zone":"Asia/Shanghai","lang":"zh-CN"}\n')
    publisher.stdin.close()
    publisher.wait()


def main():
    with tempfile.TemporaryDirectory(prefix="dun-") as directory:
        port, gateway = free_port(), free_port()
        record = os.path.join(directory, "gateway.ndjson")
        server = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "",
                                   "--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction",
                                   "--hash-max-listpack-value", "512"], stdout=subprocess.DEVNULL)
        simulator = subprocess.Popen([PROGRAM, "gateway-sim", "--port", str(gateway), "--record", record],
                                     stdout=subprocess.DEVNULL)
        service = None
        try:
            wait_until(lambda: redis(port, "PING") == "PONG\n", "redis answers")
            service = serve(directory, port, gateway, NIGHT)
            wait_until(lambda: redis(port, "EXISTS", "dun:meta") == "1\n", "the installation was made")
            begun = time.monotonic()
            publish(port)

            def held():
                return sum(int(redis(port, "LLEN", key)) for key in redis(port, "KEYS", "dun:*:lane:*").split()) == NOTICES
            wait_until(held, "all are held")
            spent = time.monotonic() - begun
            print(f"{NOTICES} notices held after {spent:.0f} s; {memory(port) / NOTICES:.0f} bytes each in Redis:", flush=True)
            for what, pattern in (("places on shelves", "lane:*"), ("timers", "timers:*"), ("records", "acct:*"),
                                  ("events, kept for a day", "events"), ("journal, kept for weeks", "journal"),
                                  ("outcomes for billing", "outcomes")):
                print(f"  {usage(port, 'dun:*:' + pattern) / NOTICES:6.1f}  {what}", flush=True)
            service.kill()
            service.wait()
            begun = time.monotonic()
            service = serve(directory, port, gateway, MORNING)
            wait_until(lambda: os.path.exists(record) and os.path.getsize(record) > 0, "the first message leaves")
            print(f"restarted two seconds before seven: the first message after {time.monotonic() - begun:.1f} s")
        finally:
            for process in (service, simulator, server):
                if process is not None:
                    process.kill()
                    process.wait()


main()
