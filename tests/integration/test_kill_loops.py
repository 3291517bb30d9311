"""Two engines, a Redis and a gateway that are killed, stopped, cut off and slowed down at random moments under load.

usage: test_kill_loops.py PROGRAM SOURCE [ROUNDS [tidy|forgetful|query [SEED]]]

What must hold, judged by what was published and what reached the gateway: every payment is answered, once, and in order
within its account; nobody in whose zone it is night gets a reminder. At a forgetful gateway, which does not remove
duplicates and breaks no promise of its own, an answer may be missing only where a `notice.unknown` says so, and every
such notice was in flight while something was killed, stopped or cut off. In `query` mode it does not remove them either,
but can be asked what it took, and knows that only after a while: then nothing may be missing, nor come twice.

DUN_OTHER_VERSION in the environment: the second engine runs that program, as while an installation is upgraded process by
process.
"""
import collections
import datetime
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time

from program import PROGRAM, Directory, check, copy_configuration, edit, free_port, wait_until
from proxy import Proxy

ROUNDS = int(sys.argv[3]) if len(sys.argv) > 3 else 12
MODE = sys.argv[4] if len(sys.argv) > 4 else "tidy"
SEED = int(sys.argv[5]) if len(sys.argv) > 5 else random.SystemRandom().randrange(1_000_000)
ACCOUNTS = 400
PROGRAM_OF = {"engine-2": os.environ.get("DUN_OTHER_VERSION", PROGRAM)}
LEASE = 2.0  # seconds; everything that must outlast a lease follows from it
# Longer than what delays a request here after it was given up (a stalled connection, an engine that was stopped and
# goes on) and than the gateway takes to list a message.
LISTED_AFTER, LISTED_WITHIN = 2, 7

STATUS = f"""
[gateways.sim.status]
url = "{{env:DUN_SIM_STATUS_URL}}"
query = {{ client_ref = "{{client_ref}}" }}
first = "1s"
pause = "2s"
listed_within = "{LISTED_WITHIN}s"
response = [
  {{ json = {{ "/status" = "taken" }}, result = "taken", id = "json:/id" }},
  {{ status = 404, json = {{ "/status" = "not_found" }}, result = "not_taken" }},
]
"""

TEXT = re.compile(r"payment of CNY\s(?P<number>[\d,]+)\.00 for account (?P<account>A\d+) on")


def zone_at_night():
    """A zone in which it stays between 22:15 and 06:00 for the next quarter of an hour, whatever the time."""
    hour = time.gmtime().tm_hour
    offset = (2 - hour + 12) % 24 - 12  # there it is about two in the morning
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


class Storm:
    def __init__(self, directory, seed):
        self.directory = directory
        self.random = random.Random(seed)
        self.redis_port, self.gateway_port = free_port(), free_port()
        self.redis_proxy, self.gateway_proxy = Proxy(self.redis_port), Proxy(self.gateway_port)
        self.processes = {}
        self.counts = collections.Counter()
        self.record = directory.file("gateway.ndjson")
        self.config = directory.file("config")
        self.listens = {"engine-1": free_port(), "engine-2": free_port()}
        self._configure()
        self.published = 0
        self.unknowns, self.left_out = {}, {}  # by account: the numbers of the payments
        self.faults = []  # from when to when
        self.numbers = collections.Counter()  # by account
        self.read_to, self.refs, self.answers = 0, collections.Counter(), collections.defaultdict(list)
        self.stop_publishing = threading.Event()

    def _configure(self):
        copy_configuration(self.config)
        # What is published must not pile up: a long storm would wait for its backlog at the end, and of what waits for an
        # account beyond fifty notices nothing is told (caps.pending). In such a storm some accounts meet a fault at every
        # attempt, and would wait for minutes after it.
        edit(self.config, "gateways.toml", ("rate = 200", "rate = 2000"), ('ramp = "30s"', 'ramp = "1s"'),
             ('most = "5m"', 'most = "10s"'), ("attempts_max = 8", "attempts_max = 30"),
             ('breaker_pause_max = "30s"', 'breaker_pause_max = "2s"'))
        if MODE == "forgetful":
            edit(self.config, "gateways.toml", ('rule = "same_ref"', 'rule = "wait_receipt"'),
                 ('receipt_wait = "1h"', 'receipt_wait = "5s"'), ('then = "repeat"', 'then = "give_up"'))
        if MODE == "query":  # and no receipts, which would answer before it is asked
            edit(self.config, "gateways.toml", ('public_url = "{env:DUN_RECEIPTS_URL:-http://127.0.0.1:8620}"', ""),
                 ('rule = "same_ref"', 'rule = "query"'), ('then = "repeat"', 'then = "give_up"'),
                 ('total_timeout = "10s"', 'total_timeout = "3s"'),
                 ("[gateways.sim.transport]", STATUS + "[gateways.sim.transport]"))
        edit(self.config, "dun.toml", ("redis://127.0.0.1:6379", f"redis://127.0.0.1:{self.redis_proxy.port}"),
             ("partitions = 16", "partitions = 4"), ('lease_ttl = "10s"', f'lease_ttl = "{LEASE:.0f}s"'),
             ('idle_look = "1s"', 'idle_look = "300ms"'), ('deadline = "5s"', 'deadline = "1s"'),
             ('connect_timeout = "5s"', 'connect_timeout = "1s"'))

    # ------------------------------------------------------------------------------------------------------ processes

    def start(self, name):
        environment = None
        if name == "redis":
            command = ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--appendonly", "yes",
                       "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction",
                       "--dir", self.directory.path]
        elif name == "gateway":
            command = [PROGRAM, "gateway-sim", "--port", str(self.gateway_port), "--record", self.record,
                       "--faults", "delay=30ms:0.3" + ("" if MODE == "forgetful" else ",reset_after=0.01,reset_before=0.01,500=0.01"),
                       *(["--forgetful"] if MODE != "tidy" else []),
                       *(["--listed-after", f"{LISTED_AFTER}s"] if MODE == "query" else [])]
        else:
            command = [PROGRAM_OF.get(name, PROGRAM), "serve", "--config", self.config, "--owner", name, "--listen",
                       f"127.0.0.1:{self.listens[name]}"]
            environment = {**os.environ, "DUN_SIM_URL": f"http://127.0.0.1:{self.gateway_proxy.port}/send",
                           "DUN_SIM_STATUS_URL": f"http://127.0.0.1:{self.gateway_proxy.port}/status",
                           "DUN_RECEIPTS_URL": f"http://127.0.0.1:{self.listens[name]}"}
        with open(self.directory.file(name + ".log"), "a") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def kill(self, name):
        process = self.processes.pop(name)
        process.kill()
        process.wait()
        self.counts["kills of " + ("an engine" if name.startswith("engine") else name)] += 1

    def send_signal(self, name, what):
        self.processes[name].send_signal(what)

    # ------------------------------------------------------------------------------------------------------ the faults

    def fault(self):
        begun = time.time()
        self.commit_fault()
        self.faults.append((begun, time.time()))

    def commit_fault(self):
        engine = self.random.choice(["engine-1", "engine-2"])
        proxy = self.random.choice([self.redis_proxy, self.gateway_proxy])
        what = self.random.choices(["engine", "redis", "gateway", "both", "sleep", "cut", "stall", "slow"],
                                   [6, 3, 2, 1, 1, 2, 1, 1])[0]
        if what in ("engine", "redis", "gateway", "both"):
            victims = {"engine": [engine], "both": ["engine-1", "engine-2"]}.get(what, [what])
            for victim in victims:
                self.kill(victim)
            self.pause(0.3)
            for victim in victims:
                self.start(victim)
            if what == "gateway":  # until it listens again its connections end before an answer
                wait_until(self.gateway_listens, "the gateway listens")
        elif what == "sleep":
            # Longer than its lease: when it wakes up somebody else owns its partitions.
            self.counts["sleeps of an engine"] += 1
            self.send_signal(engine, signal.SIGSTOP)
            self.pause(1.5 * LEASE)
            self.send_signal(engine, signal.SIGCONT)
        else:
            self.counts["connections " + {"cut": "cut", "stall": "stalled", "slow": "slowed down"}[what]] += 1
            if what == "cut":
                proxy.cut()
            elif what == "stall":
                proxy.stall()
                self.pause(self.random.uniform(0.2, 1.5 * LEASE))
            else:
                proxy.slow(512, 0.002)
                self.pause(1.0)
            proxy.flow()

    def gateway_listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.gateway_port), timeout=10).close()
            return True
        except OSError:
            return False

    def pause(self, seconds):
        time.sleep(self.random.uniform(0.1, 1.0) * seconds)

    # ---------------------------------------------------------------------------------------------------------- the load

    def batch(self):
        lines, night = [], zone_at_night()
        for _ in range(60):
            account = self.random.randrange(ACCOUNTS)
            self.numbers[account] += 1
            number = self.numbers[account]
            common = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "msisdn": f"+86138{account:08}",
                      "lang": "en", "currency": "CNY"}
            if account % 10 == 0:
                lines.append({**common, "id": f"n{account}-{number}", "account": f"N{account}", "zone": night,
                              "type": "credit.changed", "state": "arrears", "balance": f"-{number}"})
            else:
                lines.append({**common, "id": f"p{account}-{number}", "account": f"A{account}", "zone": "Asia/Shanghai",
                              "type": "payment.received", "amount": str(number), "seq": str(number)})
        return "".join(json.dumps(line) + "\n" for line in lines)

    def publish(self):
        """Billing: sends a batch again until Redis has acknowledged it."""
        while not self.stop_publishing.is_set():
            batch = self.batch()
            while subprocess.run([PROGRAM, "publish", "--config", self.config], input=batch, text=True,
                                 capture_output=True, timeout=120).returncode != 0:
                self.counts["batches published again"] += 1
                time.sleep(0.1)
            self.published += batch.count("\n")
            time.sleep(0.5)

    # --------------------------------------------------------------------------------------------------------- the judge

    def read_record(self):
        """Takes in what the gateway has taken since the last look; its record also notes which references came again."""
        with open(self.record) as file:
            file.seek(self.read_to)
            for line in file:
                if not line.endswith("\n"):
                    break
                self.read_to += len(line.encode())
                message = json.loads(line)
                if "text" not in message:
                    continue
                found = TEXT.search(message["text"])
                check(found, f"sent in the night, or a text that nobody knows: {message}")
                self.refs[message["client_ref"]] += 1
                self.answers[found["account"]].append(int(found["number"].replace(",", "")))

    def missing(self):
        """Payments that nobody was told of, and of which it is not said either that this is not known."""
        self.read_record()
        missing = {}
        for number, count in self.numbers.items():
            account = f"A{number}"
            untold = set(range(1, count + 1)) - set(self.answers[account]) if number % 10 else set()
            if untold:
                outcomes = self.outcomes_of(account)
                self.left_out[account] = left_out(outcomes)
                untold -= self.left_out[account]
                if MODE == "forgetful":
                    self.unknowns[account] = ended_unknown(outcomes)
                    untold -= self.unknowns[account]
            if untold:
                missing[account] = sorted(untold)
        return missing

    def outcomes_of(self, account):
        done = subprocess.run([PROGRAM, "explain", account, "--json", "--config", self.config], capture_output=True,
                              text=True, timeout=120)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def partitions_given_up(self):
        """A process that this machine let sleep beyond its lease has met a fault as well."""
        for name in ("engine-1", "engine-2"):
            with open(self.directory.file(name + ".log")) as log:
                for line in log:
                    if "partition given up" in line:
                        at = datetime.datetime.fromisoformat(line.split()[0]).timestamp()
                        yield at, at

    def judge_unknowns(self):
        """Nothing is unknown but what was under way when something failed; returns how many ever were."""
        faults = [*self.faults, *self.partitions_given_up()]
        done = subprocess.run([PROGRAM, "outcomes", "--type", "notice.unknown", "--config", self.config], capture_output=True,
                              text=True, timeout=120)
        seen = set()
        for outcome in map(json.loads, done.stdout.splitlines()):
            if outcome["notice"] in seen or "gateway.unknown" not in outcome["reasons"]:
                continue
            seen.add(outcome["notice"])
            claimed, answered = (datetime.datetime.fromisoformat(outcome[field]).timestamp() for field in ("sent_at", "at"))
            check(any(begun - 0.1 <= answered and claimed <= ended + 0.1 for begun, ended in faults),
                  f"unknown, though nothing failed while it was under way: {outcome}")
        return len(seen)

    def found_out(self):
        """How often the gateway was asked and said: that it had taken a message, and that it had not."""
        done = subprocess.run([PROGRAM, "outcomes", "--config", self.config], capture_output=True, text=True, timeout=120)
        reasons = collections.Counter(reason for line in done.stdout.splitlines()
                                      for reason in json.loads(line).get("reasons", []))
        return reasons["gateway.status_answers"], reasons["gateway.not_taken"]

    def judge(self):
        twice = [ref for ref, count in self.refs.items() if count > 1]
        check(not twice, f"the gateway took these more than once: {twice[:5]}")
        for account, numbers in self.answers.items():
            check(numbers == sorted(set(numbers)), f"account {account} was told of {numbers}")


def numbers_of(outcomes, kind, reason):
    return {int(outcome["cause"].split("-")[1]) for outcome in outcomes
            if outcome["type"] == kind and reason in outcome["reasons"]}


def ended_unknown(outcomes):
    """The payments whose notice ended as unknown, by the journal."""
    return numbers_of(outcomes, "notice.unknown", "gateway.no_receipt")


def left_out(outcomes):
    """The payments that the journal says nobody is told of, because fifty notices of the account waited already. An account
    that meets a fault at every attempt gets there where the machine is slow."""
    return numbers_of(outcomes, "notice.suppressed", "caps.pending")


with Directory() as directory:
    storm = Storm(directory, SEED)
    try:
        for name in ("redis", "gateway"):
            storm.start(name)
        wait_until(lambda: subprocess.run(["redis-cli", "-p", str(storm.redis_port), "ping"],
                                          capture_output=True).stdout == b"PONG\n", "redis answers")
        storm.start("engine-1")
        wait_until(lambda: subprocess.run([PROGRAM, "status", "--config", storm.config],
                                          capture_output=True).returncode == 0, "the installation was made")
        storm.start("engine-2")
        billing = threading.Thread(target=storm.publish)
        billing.start()
        for _ in range(ROUNDS):
            storm.pause(1.0)
            storm.fault()
        storm.stop_publishing.set()
        billing.join()
        wait_until(lambda: not storm.missing(), "every payment is answered")
        storm.judge()
        kills = sum(count for what, count in storm.counts.items() if what.startswith("kills"))
        unknown = sum(len(numbers) for numbers in storm.unknowns.values())
        doubtful = storm.judge_unknowns() if MODE == "forgetful" else 0
        beyond = sum(map(len, storm.left_out.values()))
        check(beyond <= storm.published // 100, f"{beyond} of {storm.published} were left out because others waited")
        print(f"seed {SEED}: {ROUNDS} rounds, {kills} kills; {storm.published} events, {sum(storm.refs.values())} messages; "
              f"0 lost, 0 twice, 0 out of order, 0 at night; {doubtful} under way at a fault, {unknown} of them still unknown; "
              f"{beyond} left out, because fifty waited")
        if MODE == "query":
            taken, not_taken = storm.found_out()
            check(taken > 0, "the gateway was never asked")
            print(f"asked: {taken} turned out to be taken, {not_taken} not, and went again")
        print(", ".join(f"{what}: {count}" for what, count in sorted(storm.counts.items())))
    except BaseException:
        missing = storm.missing()
        print(f"seed {SEED}", dict(storm.counts), f"{sum(map(len, missing.values()))} missing of {len(missing)} accounts:",
              dict(list(missing.items())[:5]))
        for command in (["status"], *(["explain", account] for account in list(missing)[:2])):
            done = subprocess.run([PROGRAM, *command, "--config", storm.config], capture_output=True, text=True, timeout=120)
            print(*done.stdout.splitlines()[:40], *done.stdout.splitlines()[-12:], done.stderr, sep="\n")
        for account, numbers in list(missing.items())[:5]:
            causes = {f"p{account[1:]}-{number}" for number in numbers}
            print(*(outcome for outcome in storm.outcomes_of(account) if outcome.get("cause") in causes), sep="\n")
        for name in ("engine-1", "engine-2", "gateway"):
            with open(directory.file(name + ".log")) as log:
                print(name, *log.readlines()[-25:], sep="\n")
        raise
    finally:
        storm.stop_publishing.set()
        for process in storm.processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()
        storm.redis_proxy.close()
        storm.gateway_proxy.close()
