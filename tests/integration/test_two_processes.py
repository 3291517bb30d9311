"""Several processes on one Redis: shared evenly, one killed, one stopped, one rate for all, roles apart."""
import json
import os
import signal
import socket
import subprocess
import time

from program import PROGRAM, Directory, check, copy_configuration, edit, wait_until

PARTITIONS = 6
LEASE_SECONDS = 2
RATE = 120


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Installation:
    """A Redis, a gateway simulator, and any number of `dun serve` with one configuration."""

    def __init__(self, directory):
        self._directory = directory
        self.config = directory.file("config")
        self.record = directory.file("gateway.ndjson")
        self.processes = {}
        self.ports = {name: free_port() for name in ("redis", "simulator", "console")}
        copy_configuration(self.config)
        edit(self.config, "dun.toml", ('url = "redis://127.0.0.1:6379"', f'url = "redis://127.0.0.1:{self.ports["redis"]}"'),
             ('listen = "127.0.0.1:8620"', f'listen = "127.0.0.1:{self.ports["console"]}"'),
             ("partitions = 16", f"partitions = {PARTITIONS}"),
             ("buckets = 16384", "buckets = 64"),
             ('lease_ttl = "10s"', f'lease_ttl = "{LEASE_SECONDS}s"'),
             ('idle_look = "1s"', 'idle_look = "500ms"'))
        edit(self.config, "gateways.toml", ("rate = 200", f"rate = {RATE}"), ('ramp = "30s"', 'ramp = "0s"'))
        os.makedirs(directory.file("redis"))
        self._start("redis", ["redis-server", "--port", str(self.ports["redis"]), "--bind", "127.0.0.1", "--dir",
                              directory.file("redis"), "--appendonly", "yes", "--maxmemory-policy", "noeviction"])
        self._start("simulator", [PROGRAM, "gateway-sim", "--port", str(self.ports["simulator"]), "--record", self.record,
                                  "--rate", str(RATE)])

    def environment(self):
        return {**os.environ, "DUN_SIM_URL": f"http://127.0.0.1:{self.ports['simulator']}/send",
                "DUN_RECEIPTS_URL": f"http://127.0.0.1:{self.ports['console']}"}

    def serve(self, name, roles="engine"):
        self._start(name, [PROGRAM, "serve", "--config", self.config, "--owner", name, "--roles", roles])

    def _start(self, name, command):
        with open(self._directory.file(name + ".log"), "a") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment())

    def end(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name)
        process.send_signal(how)
        return process.wait(timeout=120)

    def run(self, *arguments, text=None):
        done = subprocess.run([PROGRAM, *arguments, "--config", self.config], input=text, capture_output=True, text=True,
                              env=self.environment(), timeout=120)
        check(done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def status(self):
        done = subprocess.run([PROGRAM, "status", "--json", "--config", self.config], capture_output=True, text=True,
                              env=self.environment(), timeout=120)
        return json.loads(done.stdout) if done.returncode == 0 else None

    def owned(self):
        """How many partitions each name has."""
        status = self.status()
        counts = {}
        for partition in status["partitions"] if status else []:
            counts[partition["owner"]] = counts.get(partition["owner"], 0) + 1
        return counts

    def wait_for_owners(self, counts):
        begun = time.monotonic()
        wait_until(lambda: self.owned() == counts, f"the partitions are owned as {counts}, not {self.owned()}")
        print(f"owned as {counts} after {time.monotonic() - begun:.1f} s")

    def stats(self):
        port = self.ports["simulator"]
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(f"GET /stats HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return json.loads(answer.split(b"\r\n\r\n", 1)[1])

    def publish(self, rounds, accounts):
        """A payment of each account in each round: answered at any hour, in order."""
        lines = []
        for number in rounds:
            for account in range(accounts):
                lines.append(json.dumps({
                    "id": f"e{account}-{number}", "account": f"A{account}", "type": "payment.received", "amount": str(number + 1),
                    "currency": "CNY", "balance": "0", "time": f"2026-01-15T10:{number:02}:00+08:00", "seq": str(number + 1),
                    "msisdn": f"+86138{account:08}", "zone": "Asia/Shanghai", "lang": "en"}) + "\n")
        self.run("publish", text="".join(lines))

    def sent(self):
        if not os.path.exists(self.record):
            return []
        with open(self.record) as record:
            return [json.loads(line) for line in record.read().splitlines(keepends=True) if line.endswith("\n")]


def tell_story(installation):
    installation.serve("one")
    installation.wait_for_owners({"one": PARTITIONS})
    installation.serve("two")
    installation.wait_for_owners({"one": 3, "two": 3})
    installation.serve("console", roles="console")

    # Two processes at once, and the gateway never says that it is too fast.
    installation.publish(range(0, 4), accounts=300)
    wait_until(lambda: len(installation.sent()) >= 500, "messages reach the gateway")
    working = installation.status()
    engines = {process["owner"]: process for process in working["processes"]}
    check(engines["one"]["share"] == 3 and engines["two"]["roles"] == ["engine"], str(engines))
    check(engines["console"]["roles"] == ["console"] and engines["console"]["share"] == 0, str(engines["console"]))
    check(all(engines[name]["gateways"][0]["segments"] > 0 for name in ("one", "two")), "both of them send")
    check(all(partition["epoch"] > 0 for partition in working["partitions"]), str(working["partitions"]))

    # One is killed: the other takes over what it had.
    killed_at = time.monotonic()
    installation.end("two", signal.SIGKILL)
    wait_until(lambda: installation.owned() == {"one": PARTITIONS}, "the other one has them all")
    print(f"kill -9: all partitions owned again after {time.monotonic() - killed_at:.1f} s, the lease being {LEASE_SECONDS} s")
    wait_until(lambda: len(installation.sent()) >= 1200, "all of it is sent")
    before = len(installation.sent())

    # Once more, with one event for each partition waiting: the time until the first message of the last partition.
    installation.serve("three")
    installation.wait_for_owners({"one": 3, "three": 3})
    killed_at = time.monotonic()
    installation.end("three", signal.SIGKILL)
    installation.publish(range(4, 5), accounts=60)
    wait_until(lambda: len(installation.sent()) >= before + 60, "the partitions of the killed process send again")
    print(f"kill -9: every partition sent again after {time.monotonic() - killed_at:.1f} s, the lease being {LEASE_SECONDS} s")

    # One stops in order, under load: the other goes on at once.
    installation.serve("four")
    installation.wait_for_owners({"four": 3, "one": 3})
    installation.publish(range(5, 8), accounts=200)
    stopped_at = time.monotonic()
    check(installation.end("one") == 0, "an orderly stop")
    wait_until(lambda: installation.owned() == {"four": PARTITIONS}, "what was stopped is owned by the other")
    print(f"SIGTERM: stopped and taken over within {time.monotonic() - stopped_at:.1f} s")
    total = 300 * 4 + 60 + 200 * 3
    wait_until(lambda: len(installation.sent()) >= total, "everything is sent")

    # Receipts came in through the process that is only a console, and were decided by those that are only engines.
    def delivered():
        return len(installation.run("outcomes", "--type", "notice.delivered").splitlines()) == total
    wait_until(delivered, "every receipt is in")

    sent = installation.sent()
    check(len(sent) == total, f"{len(sent)} messages, {total} expected")
    check(len({message["client_ref"] for message in sent}) == total, "a message was sent twice")
    causes = {}
    for line in installation.run("outcomes", "--type", "notice.sent").splitlines():
        outcome = json.loads(line)
        causes[outcome["client_ref"]] = outcome["cause"]
    order = {}
    for message in sent:
        account, number = causes[message["client_ref"]][1:].split("-")
        order.setdefault(account, []).append(int(number))
    check(all(numbers == sorted(numbers) for numbers in order.values()), "an account was told out of order")
    unknown = installation.run("outcomes", "--type", "notice.unknown").splitlines()
    stats = installation.stats()
    print(f"{len(unknown)} outcomes unknown after two kills; the simulator: {stats}")
    check(stats["throttled"] == 0, f"the rate was exceeded: {stats}")


with Directory() as directory:
    installation = Installation(directory)
    try:
        refused = subprocess.run([PROGRAM, "serve", "--config", installation.config, "--roles", "ledger"], capture_output=True,
                                 text=True, env=installation.environment(), timeout=60)
        check(refused.returncode == 2 and "no role is called ledger; there are: engine, console" in refused.stderr, refused.stderr)
        wait_until(lambda: subprocess.run(["redis-cli", "-p", str(installation.ports["redis"]), "ping"],
                                          capture_output=True).stdout == b"PONG\n", "Redis answers")
        tell_story(installation)
        check(installation.end("console") == 0 and installation.end("four") == 0, "orderly stops")
    except AssertionError:
        for name in ("one", "two", "three", "four", "console"):
            if os.path.exists(directory.file(name + ".log")):
                with open(directory.file(name + ".log")) as log:
                    print(f"--- {name}\n{log.read()}")
        raise
    finally:
        for process in installation.processes.values():
            process.kill()
            process.wait()
