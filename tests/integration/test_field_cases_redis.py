"""Cases from the field about Redis: what other hands do to streams and server, and what the running service makes of it.

usage: test_field_cases_redis.py PROGRAM SOURCE [TEST]
"""
import json
import re
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from outage import Billing, World
from program import Directory, PROGRAM, check, edit, free_port, wait_until

LAST_ID = "18446744073709551615-18446744073709551615"
DURABLE = ("--appendonly", "yes", "--appendfsync", "everysec")


def raw(port, *parts):
    """A command with arguments of any size; the first line of the reply."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        out = b"*%d\r\n" % len(parts)
        for part in parts:
            part = part if isinstance(part, bytes) else part.encode()
            out += b"$%d\r\n%s\r\n" % (len(part), part)
        connection.sendall(out)
        return connection.makefile("rb").readline().decode()


def told(world, reason):
    """The alerts of this reason that are among the outcomes."""
    text = world.dun("outcomes", "--type", "alert.raised") or ""
    return [one for one in map(json.loads, text.splitlines()) if reason in one["reasons"]]


def answer_one_of_each(world, name):
    """A payment through the front door and one straight to its partition are answered."""
    world.publish([world.payment(name + "1")])
    world.publish([world.payment(name + "2")], "--direct")
    world.check_all_answered_once()


def log_of(world):
    with open(world.directory.file("dun.log")) as file:
        return file.read()


# ------------------------------------------------------------------------------------------------- a service that runs

def running(test):
    def run():
        with Directory() as directory:
            world = World(directory)
            try:
                world.start_redis(*DURABLE)
                world.start_gateway()
                world.start_dun()
                answer_one_of_each(world, "A")
                test(world)
            except BaseException:
                world.tell()
                raise
            finally:
                world.close()
    run.__name__ = test.__name__
    return run


@running
def C2_the_last_possible_id_stops_nobody(world):
    for stream in ("dun:{0}:events", "dun:{1}:events", "dun:events"):
        check(world.redis("XADD", stream, LAST_ID, "a", "b") == LAST_ID, "the id is taken")
    answer_one_of_each(world, "B")
    wait_until(lambda: len(told(world, "stream.exhausted")) == 3, "it is told of each stream")
    states = [json.loads(line)["state"] for line in world.dun("streams", "list", "--json").splitlines()]
    check(states == ["good"] * 3, f"{states}")


@running
def C2_a_command_renews_a_stream_while_nobody_serves(world):
    world.stop("dun")
    for stream in ("dun:{0}:events", "dun:events"):
        world.redis("XADD", stream, LAST_ID, "a", "b")
    check("exhausted" in world.dun("streams", "list"), "it is listed")
    check(world.dun("streams", "renew").count("it goes on behind") == 2, "both are renewed")
    world.start_dun()
    answer_one_of_each(world, "B")


@running
def C3_an_enormous_field_stops_nobody(world):
    check(int(world.redis("CONFIG", "GET", "proto-max-bulk-len").split()[1]) > 200_000_000, "Redis takes such a field")
    billing = Billing(world)
    for stream, size in (("dun:events", 100), ("dun:{0}:events", 200), ("dun:events", 32)):
        reply = raw(world.redis_port, "XADD", stream, "*", "id", f"large-{size}", "account", "A1", "blob", b"x" * (size << 20))
        check(reply.startswith("$"), reply)
        world.publish([world.payment("B1")])
    wait_until(lambda: len(world.outcomes("event.rejected")) == 3, "all three are rejected")
    billing.stop()
    world.check_all_answered_once()
    sizes = [json.loads(line)["detail"] for line in world.dun("rejected", "list", "--json").splitlines()]
    check(all("too large" in reason for reason in sizes), f"{sizes}")
    wait_until(lambda: world.memory() < 60 << 20, "the entries are gone from Redis")
    with open(f"/proc/{world.processes['dun'].pid}/status") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    given_up = [line for line in log_of(world).splitlines() if "partition given up" in line]
    print(f"peak of the service: {peak >> 10} MB; partitions given up: {len(given_up)}", *given_up, sep="\n")
    wait_until(lambda: world.health()[0] == 200, "the service is well")


@running
def S8_C9_what_is_removed_unread_is_noticed(world):
    world.redis("DEL", "dun:events")
    first = world.payment("B1")
    fields = [part for pair in first.items() for part in pair]
    check(world.redis("XADD", "dun:events", "1-0", *fields) == "1-0", "the front door begins anew at 1-0")
    world.check_all_answered_once()
    wait_until(lambda: told(world, "stream.begun_anew"), "it is told of")
    world.stop("dun")
    for _ in range(20):
        world.redis("XADD", "dun:{0}:events", "MAXLEN", "3", "*", "type", "source.heartbeat", "id", "h", "source", "s",
                    "time", first["time"])
    world.redis("RENAME", "dun:{1}:events", "aside")
    world.redis("XADD", "dun:{1}:events", "5-0", "type", "source.heartbeat")
    world.start_dun()
    lost = wait_until(lambda: told(world, "stream.unread_lost"), "the trimmed are told of")
    # Receipts that came while the service stopped were unread too.
    number = re.match(r"(\d+) events of dun:\{0\}:events", lost[0]["detail"])
    check(number and 17 <= int(number[1]) <= 25, f"{lost}")
    wait_until(lambda: any("dun:{1}:events" in one["detail"] for one in told(world, "stream.begun_anew")), "the renamed too")
    answer_one_of_each(world, "C")


@running
def S23_an_emptied_redis_is_made_an_installation_again(world):
    world.redis("FLUSHALL")
    world.owed.clear()
    before = len(world.messages())
    wait_until(lambda: world.redis("HGET", "dun:meta", "partitions") == "2", "dun:meta is written again")
    wait_until(lambda: told(world, "store.emptied"), "it is told of")
    world.publish([world.payment("Z1")])
    wait_until(lambda: len(world.messages()) > before, "it goes on")
    wait_until(lambda: world.health()[0] == 200, "it is well")


def S7_a_full_redis_can_be_started_on_with_a_shorter_retention():
    """The procedure of docs/operations.md: shorten [retention], restart."""
    with Directory() as directory:
        world = World(directory, {"dun.toml": [('outcomes = "7d"', 'outcomes = "3650d"')]})
        try:
            world.start_redis(*DURABLE)
            world.start_gateway()
            # What was put out a year ago, and is kept for ten.
            year_ago = (int(time.time()) - 365 * 86_400) * 1000
            text = "".join(f"XADD dun:{{{number % 2}}}:outcomes {year_ago + number}-0 type notice.sent text {'x' * 200}\n"
                           for number in range(40_000))
            subprocess.run(["redis-cli", "-p", str(world.redis_port)], input=text, text=True, check=True, capture_output=True)
            world.start_dun()
            answer_one_of_each(world, "A")
            world.redis("CONFIG", "SET", "maxmemory", str(world.memory() * 9 // 10))
            wait_until(lambda: world.health()[0] == 503 and "OOM" in world.health()[1], "Redis is full")
            world.stop("dun")
            edit(world.config, "dun.toml", ('outcomes = "3650d"', 'outcomes = "7d"'))
            world.start_dun()
            answer_one_of_each(world, "B")
            wait_until(lambda: world.health()[0] == 200, "the service is well")
            left = int(world.redis("XLEN", "dun:{0}:outcomes"))
            check(left < 15_000, f"{left} of 20,000 outcomes are left")
        except BaseException:
            world.tell()
            raise
        finally:
            world.close()


# ------------------------------------------------------------------------------------- a Redis that is not there yet

def ended_at_once(process, what, how=signal.SIGTERM):
    process.send_signal(how)
    check(process.wait(timeout=20) == 0, f"{what}: it does not stop in order")


def S6_C13_U3_a_redis_that_is_not_there_yet_is_waited_for():
    with Directory() as directory:
        world = World(directory)
        try:
            # Away: said once, and whoever says stop is heard.
            for how in (signal.SIGTERM, signal.SIGINT):
                world.start("dun", PROGRAM, "serve", "--config", world.config)
                wait_until(lambda: "waiting for redis" in log_of(world), "it waits")
                time.sleep(3)
                ended_at_once(world.processes.pop("dun"), "away", how)
                check(log_of(world).count("waiting for redis") == 1, log_of(world))
                os.remove(directory.file("dun.log"))

            # LOADING: a server that takes its time over a big file, and counts keys meanwhile.
            world.start_redis(*DURABLE)
            world.redis("EVAL", "for i = 1, 300000 do redis.call('SET', 'key' .. i, 'x') end", "0")
            world.redis("BGREWRITEAOF")
            wait_until(lambda: "aof_rewrite_in_progress:0" in world.redis("INFO", "persistence"), "the file is written")
            world.end("redis")
            world.start("dun", PROGRAM, "serve", "--config", world.config)
            wait_until(lambda: "waiting for redis" in log_of(world), "it waits")
            world.start("redis", "redis-server", "--port", str(world.redis_port), "--bind", "127.0.0.1", "--save", "",
                        "--dir", directory.path, *DURABLE, "--key-load-delay", "20", "--loading-process-events-interval-bytes", "1024")
            wait_until(lambda: "LOADING" in world.redis("GET", "x"), "the server is loading")
            time.sleep(2)
            check(world.processes["dun"].poll() is None, "it waits for a server that is loading")
            said = log_of(world)
            check(said.count("waiting for redis") == 1 and "PERSISTENT" not in said and "AOF is off" not in said, said)
            world.redis("CONFIG", "SET", "key-load-delay", "0")
            wait_until(lambda: "running owner=" in log_of(world), "it goes on")
            ended_at_once(world.processes.pop("dun"), "running")

            # A new installation on a replica (READONLY), on one without its master (MASTERDOWN), and a busy server.
            for trouble, mend in ((("REPLICAOF", "127.0.0.1", str(free_port())), ("REPLICAOF", "NO", "ONE")),):
                for stale in ("yes", "no"):
                    world.redis("DEL", "dun:meta")
                    world.redis("CONFIG", "SET", "replica-serve-stale-data", stale)
                    world.redis(*trouble)
                    os.remove(directory.file("dun.log"))
                    world.start("dun", PROGRAM, "serve", "--config", world.config)
                    wait_until(lambda: "waiting for redis" in log_of(world), "it waits")
                    time.sleep(2)
                    check(world.processes["dun"].poll() is None, log_of(world))
                    check(log_of(world).count("waiting for redis") == 1, log_of(world))
                    world.redis(*mend)
                    wait_until(lambda: "running owner=" in log_of(world), "it goes on")
                    ended_at_once(world.processes.pop("dun"), "running")

            os.remove(directory.file("dun.log"))
            script = threading.Thread(target=world.redis, args=("EVAL", "while true do end", "0"))
            world.redis("CONFIG", "SET", "busy-reply-threshold", "100")
            script.start()
            wait_until(lambda: "BUSY" in world.redis("GET", "x"), "the server is busy")
            world.start("dun", PROGRAM, "serve", "--config", world.config)
            wait_until(lambda: "waiting for redis" in log_of(world), "it waits")
            check("could be checked" not in log_of(world), log_of(world))
            ended_at_once(world.processes.pop("dun"), "busy")
            world.redis("SCRIPT", "KILL")
            script.join()
        except BaseException:
            world.tell()
            raise
        finally:
            world.close()


TESTS = [C2_the_last_possible_id_stops_nobody, C2_a_command_renews_a_stream_while_nobody_serves,
         C3_an_enormous_field_stops_nobody, S8_C9_what_is_removed_unread_is_noticed,
         S23_an_emptied_redis_is_made_an_installation_again, S7_a_full_redis_can_be_started_on_with_a_shorter_retention,
         S6_C13_U3_a_redis_that_is_not_there_yet_is_waited_for]

for case in TESTS:
    if len(sys.argv) > 3 and sys.argv[3] not in case.__name__:
        continue
    begun = time.monotonic()
    case()
    print(f"{case.__name__}: {time.monotonic() - begun:.0f} s", flush=True)
