"""A Redis, a gateway simulator and `dun serve`, to which something happens for long; and what must be true afterwards."""
import collections
import datetime
import http.client
import itertools
import json
import os
import re
import subprocess
import threading
import time

from program import PROGRAM, check, copy_configuration, edit, free_port, wait_until

PARTITIONS = 2
# What a payment is answered with.
ANSWER = re.compile(r"payment of CNY\s(?P<number>[\d,]+)\.00 for account (?P<account>[A-Z]+\d*) on")


class World:
    """Everything on loopback ports, below one directory. `edits`: by file, what to say in place of what."""

    def __init__(self, directory, edits=None):
        self.directory = directory
        self.redis_port, self.gateway_port, self.console_port = free_port(), free_port(), free_port()
        self.config = directory.file("config")
        self.record = directory.file("gateway.ndjson")
        self.processes = {}
        self.owed = collections.defaultdict(list)  # by account: the numbers of its payments, in order
        self.clock = None
        self.closed = False
        self.refused = 0  # times that billing could not publish
        copy_configuration(self.config)
        edit(self.config, "dun.toml", ("redis://127.0.0.1:6379", f"redis://127.0.0.1:{self.redis_port}"),
                  ("127.0.0.1:8620", f"127.0.0.1:{self.console_port}"), ("partitions = 16", f"partitions = {PARTITIONS}"),
                  ("buckets = 16384", "buckets = 64"), ('lease_ttl = "10s"', 'lease_ttl = "2s"'),
                  ('idle_look = "1s"', 'idle_look = "300ms"'), ('owner = ""', 'owner = "dun-1"'),
                  ('deadline = "5s"', 'deadline = "2s"'), ('resend_wait = "1m"', 'resend_wait = "1s"'))
        edit(self.config, "gateways.toml", ("rate = 200", "rate = 2000"), ('ramp = "30s"', 'ramp = "0s"'))
        for file, changes in (edits or {}).items():
            edit(self.config, file, *changes)

    # ------------------------------------------------------------------------------------------------------ processes

    def start(self, name, *command):
        with open(self.directory.file(name + ".log"), "a") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=self.environment())

    def start_redis(self, *options, before=(), directory=None):
        """`before`: a command that runs it, such as one that enters a namespace."""
        self.start("redis", *before, "redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--save", "",
                   "--maxmemory-policy", "noeviction", "--dir", directory or self.directory.path, *options)
        wait_until(lambda: self.redis("PING") == "PONG", "redis answers")

    def start_gateway(self, *options):
        self.start("gateway", PROGRAM, "gateway-sim", "--port", str(self.gateway_port), "--record", self.record, *options)
        wait_until(lambda: self.ask(self.gateway_port, "/stats"), "the gateway answers")

    def start_dun(self):
        self.start("dun", PROGRAM, "serve", "--config", self.config, *(["--clock", self.clock] if self.clock else []))
        wait_until(lambda: (self.status() or {}).get("processes"), "the service runs")

    def run_clock_from(self, wall_time, speed):
        """From now on the service's clock runs so many times as fast, and shows `wall_time` now."""
        now = datetime.datetime.now(datetime.timezone.utc)
        self.clock = f"{wall_time},{now.isoformat(timespec='milliseconds').replace('+00:00', 'Z')},{speed}"
        self._clock_is = (datetime.datetime.fromisoformat(wall_time), now, speed)

    def now(self):
        """What the service's clock shows."""
        begun, real, speed = self._clock_is
        return begun + (datetime.datetime.now(datetime.timezone.utc) - real) * speed

    def wait_for(self, wall_time):
        moment = datetime.datetime.fromisoformat(wall_time)
        wait_until(lambda: self.now() >= moment, f"it is {wall_time}")

    def stop(self, name):
        process = self.processes.pop(name)
        process.terminate()
        check(process.wait(timeout=120) == 0, f"{name} did not end in order")

    def end(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def close(self):
        self.closed = True
        for name in list(self.processes):
            self.end(name)

    def environment(self):
        return {**os.environ, "DUN_SIM_URL": f"http://127.0.0.1:{self.gateway_port}/send",
                "DUN_RECEIPTS_URL": f"http://127.0.0.1:{self.console_port}"}

    def tell(self):
        """What is worth reading when something failed."""
        for name in ("dun", "gateway", "redis"):
            if os.path.exists(self.directory.file(name + ".log")):
                with open(self.directory.file(name + ".log")) as log:
                    print(name, *log.readlines()[-60:], sep="\n")

    # -------------------------------------------------------------------------------------------------------- questions

    def redis(self, *command):
        return subprocess.run(["redis-cli", "-p", str(self.redis_port), *command], capture_output=True,
                              text=True).stdout.strip()

    def memory(self):
        return int(re.search(r"used_memory:(\d+)", self.redis("INFO", "memory"))[1])

    def dun(self, *arguments, text=None):
        """A command's output, or nothing if it failed."""
        done = subprocess.run([PROGRAM, *arguments, "--config", self.config], input=text, capture_output=True, text=True,
                              env=self.environment(), timeout=300)
        return done.stdout if done.returncode == 0 else None

    def status(self):
        text = self.dun("status", "--json")
        return json.loads(text) if text else None

    def ask(self, port, path):
        """(status, body) of a GET, or nothing."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return None
        finally:
            connection.close()

    def health(self):
        return self.ask(self.console_port, "/healthz") or (0, "")

    def wait_for_alert(self, name):
        wait_until(lambda: f"alert {name}" in self.health()[1], f"{name} is raised")

    def wait_for_no_alert(self, name):
        wait_until(lambda: self.health()[0] == 200 and f"alert {name}" not in self.health()[1], f"{name} is cleared")

    def outcomes(self, *types):
        arguments = [part for kind in types for part in ("--type", kind)]
        text = wait_until(lambda: self.dun("outcomes", *arguments), f"outcomes of {types}")
        return [json.loads(line) for line in text.splitlines()]

    def check_alert_was_told(self, name):
        """In the journal and on the public stream: raised, cleared, and on a slow machine perhaps so again."""
        def told():
            alerts = [one for one in self.outcomes("alert.*") if name in one["reasons"]]
            return alerts if alerts and alerts[-1]["type"] == "alert.cleared" else None
        alerts = wait_until(told, f"{name} is among the outcomes")
        check([one["type"] for one in alerts] == ["alert.raised", "alert.cleared"] * (len(alerts) // 2), f"{name}: {alerts}")
        check(all(one["at"] < then["at"] for one, then in itertools.pairwise(alerts)), f"{name}: {alerts}")
        public = "".join(self.redis("XRANGE", key, "-", "+") for key in self.redis("KEYS", "dun:*:outcomes").split())
        check(public.count(name) == len(alerts), f"{name} is not on the public stream: {public}")

    # ------------------------------------------------------------------------------------------------------ events

    def publish(self, events, *options):
        """Sends them again until Redis has acknowledged all."""
        text = "".join(json.dumps(event) + "\n" for event in events)
        while self.dun("publish", *options, text=text) is None and not self.closed:
            self.refused += 1
            time.sleep(0.2)

    def payment(self, account, at=None):
        """The next payment of an account: answered at any hour, once, in order."""
        number = len(self.owed[account]) + 1
        self.owed[account].append(number)
        return {"id": f"p{account}-{number}", "type": "payment.received", "account": account, "amount": str(number),
                "currency": "CNY", "balance": "0", "seq": str(number), "lang": "en", "zone": "Asia/Shanghai",
                "msisdn": "+86138" + account.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").zfill(8),
                "time": at or datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")}

    def messages(self):
        if not os.path.exists(self.record):
            return []
        with open(self.record) as file:
            lines = [json.loads(line) for line in file if line.endswith("\n")]
        return [line for line in lines if "text" in line]

    def answered(self):
        by_account = collections.defaultdict(list)
        for message in self.messages():
            if found := ANSWER.search(message["text"]):
                by_account[found["account"]].append(int(found["number"].replace(",", "")))
        return by_account

    def check_all_answered_once(self):
        wait_until(lambda: sum(map(len, self.answered().values())) >= sum(map(len, self.owed.values())),
                   "every payment is answered")
        answered = self.answered()
        for account, numbers in self.owed.items():
            check(answered[account] == numbers, f"{account} was told of {answered[account]} in place of {numbers}")
        check(answered.keys() == self.owed.keys(), "an account was told that never paid")


class Billing:
    """Payments without end, published again until they are acknowledged."""

    def __init__(self, world, accounts=50, batch=50):
        self._world, self._accounts, self._batch = world, accounts, batch
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        account = 0
        while not self._stop.is_set():
            events = []
            for _ in range(self._batch):
                events.append(self._world.payment(f"A{account}"))
                account = (account + 1) % self._accounts
            self._world.publish(events)

    def stop(self):
        self._stop.set()
        self._thread.join()
