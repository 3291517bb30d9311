"""Several Redis servers, the service on them, and a producer that does not give up: for tests of failovers."""
import datetime
import json
import os
import re
import signal
import subprocess
import threading
import time

from program import LONGEST, PROGRAM, check, copy_configuration, free_port, wait_until


class Ended:
    """Ends with the `with` block it was made for."""

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.end()


class Certificate:
    """A key and a certificate for loopback that everybody shows and everybody trusts: TLS on both sides."""

    def __init__(self, directory):
        self.certificate, self.key = directory.file("tls.crt"), directory.file("tls.key")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=loopback", "-addext", "subjectAltName=IP:127.0.0.1", "-out", self.certificate,
                        "-keyout", self.key], check=True, capture_output=True)
        self.server_settings = ["port 0", f"tls-cert-file {self.certificate}", f"tls-key-file {self.key}",
                                f"tls-ca-cert-file {self.certificate}", "tls-auth-clients yes", "tls-replication yes"]
        self.client_options = ["--tls", "--cacert", self.certificate, "--cert", self.certificate, "--key", self.key]
        self.dun_settings = {"redis.tls.ca_file": f'"{self.certificate}"', "redis.tls.cert_file": f'"{self.certificate}"',
                             "redis.tls.key_file": f'"{self.key}"'}


class RedisNode(Ended):
    """One redis-server of its own, started and ended by its pid. With a certificate it speaks nothing but TLS."""

    def __init__(self, directory, name, settings=(), password="", sentinel=False, tls=None):
        self.port, self.name = free_port(), name
        self._directory = directory.file(name)
        self._password, self._sentinel = password, sentinel
        self._client_options = tls.client_options if tls else []
        os.makedirs(self._directory)
        listen = [*tls.server_settings, f"tls-port {self.port}"] if tls else [f"port {self.port}"]
        lines = [*listen, "bind 127.0.0.1", f"dir {self._directory}", *settings]
        if password:
            lines.append(f"requirepass {password}")
        if not self._sentinel:
            # A replica syncs from memory and at once, because these tests wait for it.
            lines += ["appendonly yes", "appendfsync everysec", 'save ""', "repl-diskless-sync-delay 0", "hash-max-listpack-value 512"]
        with open(os.path.join(self._directory, "redis.conf"), "w") as file:
            file.write("\n".join(lines) + "\n")
        self.start()

    def start(self):
        command = ["redis-server", "redis.conf"] + (["--sentinel"] if self._sentinel else [])
        with open(os.path.join(self._directory, "out.log"), "a") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self._directory)
        wait_until(lambda: "PONG" in self.cli("PING", expect=None), f"{self.name} answers")

    def end(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(timeout=60)

    def cli(self, *arguments, expect=0):
        """What the server answered; whatever that is, even nothing within a minute, if `expect` is None."""
        command = ["redis-cli", "-p", str(self.port), *self._client_options, *arguments]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "REDISCLI_AUTH": self._password})
        except subprocess.TimeoutExpired:
            if expect is None:
                return ""
            raise
        check(expect is None or done.returncode == expect, f"redis-cli {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def info(self, field):
        found = re.search(rf"^{field}:(.*?)\r?$", self.cli("INFO", "replication", expect=None), re.MULTILINE)
        return found.group(1) if found else ""


class Cluster(Ended):
    """Three masters with a replica each."""

    def __init__(self, directory, tls=None):
        settings = ["cluster-enabled yes", "cluster-node-timeout 4000", "cluster-require-full-coverage no",
                    "cluster-allow-replica-migration no", "cluster-replica-validity-factor 0"]
        if tls:
            settings.append("tls-cluster yes")
        self._client_options = tls.client_options if tls else []
        self.nodes = [RedisNode(directory, f"node{i}", [*settings, f"cluster-port {free_port()}"], tls=tls) for i in range(6)]
        made = self.manage("create", *(f"127.0.0.1:{node.port}" for node in self.nodes), "--cluster-replicas", "1", "--cluster-yes")
        check(made.returncode == 0, made.stdout + made.stderr)
        wait_until(lambda: all("cluster_state:ok" in node.cli("CLUSTER", "INFO") for node in self.nodes), "the cluster is made")
        wait_until(lambda: sum(node.info("master_link_status") == "up" for node in self.nodes) == 3, "replicas are in step")
        self.url = f"{'rediss' if tls else 'redis'}+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:2])

    def manage(self, what, *arguments):
        """Runs `redis-cli --cluster WHAT`."""
        return subprocess.run(["redis-cli", *self._client_options, "--cluster", what, *arguments], capture_output=True, text=True,
                              timeout=120)

    def alive(self):
        return [node for node in self.nodes if node.process.poll() is None]

    def slot(self, key):
        return int(self.alive()[0].cli("CLUSTER", "KEYSLOT", key))

    def masters(self):
        """Each master that is alive, with its id and the ranges of its slots, as one of the nodes sees it."""
        ports = {str(node.port): node for node in self.alive()}
        found = []
        for line in self.alive()[0].cli("CLUSTER", "NODES").splitlines():
            words = line.split()
            node = ports.get(words[1].split("@")[0].split(":")[1])
            if "master" in words[2] and "fail" not in words[2] and node:
                ranges = [tuple(map(int, (word + "-" + word).split("-")[:2])) for word in words[8:] if word[0] != "["]
                found.append((node, words[0], ranges))
        return found

    def master_of(self, key):
        slot = self.slot(key)
        for node, identity, ranges in self.masters():
            if any(first <= slot <= last for first, last in ranges):
                return node, identity
        return None

    def everybody_agrees(self):
        done = self.manage("check", f"127.0.0.1:{self.alive()[0].port}")
        return done.returncode == 0 and "[ERR]" not in done.stdout

    def end(self):
        for node in self.alive():
            node.end()


class Watched(Ended):
    """A master and a replica, and three Sentinels who watch them; all ask for a password, and may speak TLS."""

    PASSWORD, SENTINELS_PASSWORD, NAME = "s:e/c@ret", "among-sentinels", "billing"

    def __init__(self, directory, tls=None):
        settings = [f'masterauth "{self.PASSWORD}"']
        master = RedisNode(directory, "first", settings, self.PASSWORD, tls=tls)
        replica = RedisNode(directory, "second", [*settings, f"replicaof 127.0.0.1 {master.port}"], self.PASSWORD, tls=tls)
        self.servers = [master, replica]
        wait_until(lambda: replica.info("master_link_status") == "up", "the replica is in step")
        watch = [f"sentinel monitor {self.NAME} 127.0.0.1 {master.port} 2", f"sentinel down-after-milliseconds {self.NAME} 1000",
                 f"sentinel failover-timeout {self.NAME} 5000", f'sentinel auth-pass {self.NAME} "{self.PASSWORD}"',
                 f"sentinel sentinel-pass {self.SENTINELS_PASSWORD}"]
        self.sentinels = [RedisNode(directory, f"sentinel{i}", watch, self.SENTINELS_PASSWORD, sentinel=True, tls=tls)
                          for i in range(3)]
        # A Sentinel that was not run for two seconds does nothing for the next thirty (TILT), and each further such pause begins
        # them anew: on a busy machine it may not act for longer than any test waits.
        for sentinel in self.sentinels:
            sentinel.cli("SENTINEL", "DEBUG", "tilt-period", "1000", "info-period", "1000")
        wait_until(lambda: all("OK 3 usable" in sentinel.cli("SENTINEL", "CKQUORUM", self.NAME, expect=None) for sentinel in
                               self.sentinels), "the Sentinels have found each other and the replica")
        quoted = "".join(f"%{byte:02X}" for byte in self.PASSWORD.encode())
        self.url = f"{'rediss' if tls else 'redis'}+sentinel://:{quoted}@" + ",".join(f"127.0.0.1:{node.port}" for node in self.sentinels) + "/" + self.NAME

    def master(self):
        return next((node for node in self.servers if node.process.poll() is None and node.info("role") == "master"), None)

    def in_step(self):
        """There is a master, and everybody else follows it."""
        master = self.master()
        return master is not None and all(node.info("master_link_status") == "up" for node in self.servers if node is not master)

    def end(self):
        for node in [*self.sentinels, *self.servers]:
            if node.process.poll() is None:
                node.end()


class Service:
    """The gateway simulator and `dun serve` on any Redis. Shows what the service said if its `with` block fails."""

    def __init__(self, directory, url, **settings):
        self._directory = directory
        self.config, self.log, self.record = directory.file("config"), directory.file("serve.log"), directory.file("gateway.ndjson")
        copy_configuration(self.config)
        console = free_port()
        # Passwords stand in the environment, as in real life.
        changes = {"url": '"{env:DUN_TEST_URL}"', "listen": f'"127.0.0.1:{console}"', "lease_ttl": '"4s"', "connect_timeout": '"2s"',
                   "deadline": '"2s"', **settings}
        path = os.path.join(self.config, "dun.toml")
        with open(path) as file:
            text = file.read()
        for key, value in changes.items():
            section, _, name = key.rpartition(".")
            if section:
                text, count = re.subn(rf"(^\[{re.escape(section)}\]$[^\[]*?^{name} = ).*?$", lambda found: found[1] + str(value), text,
                                      flags=re.MULTILINE)
                check(count == 1, f"dun.toml has {count} settings {key}")
                continue
            text, count = re.subn(rf"^{key} = .*$", f"{key} = {value}", text, flags=re.MULTILINE)
            check(count == 1, f"dun.toml has {count} settings called {key}")
        with open(path, "w") as file:
            file.write(text)
        self._simulator = free_port()
        self._environment = {**os.environ, "DUN_TEST_URL": url, "DUN_SIM_URL": f"http://127.0.0.1:{self._simulator}/send",
                             "DUN_RECEIPTS_URL": f"http://127.0.0.1:{console}"}
        self._processes = [self._start("simulator.log", "gateway-sim", "--port", str(self._simulator), "--record", self.record)]
        self._processes.append(self._start("serve.log", "serve", "--config", self.config))
        wait_until(lambda: "running owner=" in self.said() or self._processes[-1].poll() is not None, "the service runs")
        check(self._processes[-1].poll() is None, self.said())

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure:
            print(self.said())
        self.kill()

    def _start(self, log, *arguments):
        with open(self._directory.file(log), "a") as file:
            return subprocess.Popen([PROGRAM, *arguments], stdout=file, stderr=file, env=self._environment)

    def said(self):
        with open(self.log) as file:
            return file.read()

    def run(self, *arguments, text=None):
        return subprocess.run([PROGRAM, *arguments, "--config", self.config], input=text, capture_output=True, text=True,
                              env=self._environment, timeout=60)

    def succeeds(self, *arguments, text=None):
        """A command that does not end in its time, on a machine that stands still, has failed too and may be repeated."""
        try:
            return self.run(*arguments, text=text).returncode == 0
        except subprocess.TimeoutExpired:
            print(f"not ended within a minute: dun {' '.join(arguments)}", flush=True)
            return False

    def messages(self):
        """What the gateway took; a repeat under the same client reference is not a message."""
        with open(self.record) as file:
            return [message for line in file if line.endswith("\n") and "text" in (message := json.loads(line))]

    def status(self):
        done = self.run("status", "--json")
        return json.loads(done.stdout) if done.returncode == 0 else None

    def owned(self):
        status = self.status()
        return status is not None and all(partition["owner"] for partition in status["partitions"])

    def spans_given_up(self, since):
        """For how many seconds each partition had no owner, by the log from this place on."""
        lost, spans = {}, []
        for line in self.said()[since:].splitlines():
            found = re.match(r"(\S+) .*partition (given up|owned) partition=(\d+)", line)
            if not found:
                continue
            at, partition = datetime.datetime.fromisoformat(found[1]), found[3]
            if found[2] == "given up":
                lost.setdefault(partition, at)
            elif partition in lost:
                spans.append((at - lost.pop(partition)).total_seconds())
        return spans

    def stop(self):
        serve = self._processes.pop()
        serve.send_signal(signal.SIGTERM)
        check(serve.wait(timeout=60) == 0, "an orderly stop")

    def kill(self):
        for process in self._processes:
            process.kill()
            process.wait()


class Billing:
    """Publishes payments, each account's in order, and repeats whatever it was not told to be there."""

    # Fewer a second than the gateway takes, so that at the end nothing is left to wait for.
    ACCOUNTS, CHUNK, PAUSE = 60, 20, 0.25

    def __init__(self, service, *options):
        self._service, self._options = service, options
        self.published, self.repeated, self.failure = [], 0, None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self):
        try:
            self._publish_on()
        except BaseException as failure:  # told by whoever waits for this thread, which would wait in vain
            self.failure = failure

    def _publish_on(self):
        number = 0
        while not self._stop.is_set():
            chunk = range(number, number + self.CHUNK)
            number += self.CHUNK
            text = "".join(self._event(i) for i in chunk)
            publish = self._publish(text)
            while not publish():
                self.repeated += 1
                time.sleep(0.2)
            self.published += chunk
            time.sleep(self.PAUSE)

    def _publish(self, text):
        """What is to be done until it succeeds."""
        return lambda: self._service.succeeds("publish", *self._options, text=text)

    def account(self, number):
        return number % self.ACCOUNTS

    def _event(self, number):
        # Payments are answered at any hour; the amount says which it is.
        return json.dumps({"id": f"e{number}", "account": f"A{self.account(number)}", "type": "payment.received",
                           "amount": str(1000 + number), "currency": "CNY", "time": "2026-01-15T10:00:00+08:00",
                           "seq": str(number + 1), "msisdn": f"+861380000{self.account(number):04}", "zone": "Asia/Shanghai",
                           "lang": "en"}) + "\n"

    def go_on_for(self, count):
        there = len(self.published) + count

        def gone_on():
            check(self._thread.is_alive(), f"billing ended by itself: {self.failure!r}")
            return len(self.published) >= there
        wait_until(gone_on, f"{count} more events are published")

    def stop(self):
        self._stop.set()
        self._thread.join(timeout=LONGEST)
        check(not self._thread.is_alive(), "billing could not publish to the end")
        check(self.failure is None, f"billing ended by itself: {self.failure!r}")

    def check_answers(self):
        """Every event was answered by one message, in order for each account."""
        expected = len(self.published)
        wait_until(lambda: len(self._service.messages()) >= expected, f"{expected} messages are sent")
        heard = {}
        for message in self._service.messages():
            heard.setdefault(message["to"], []).append(int(re.search(r"CNY ([\d,]+)\.00", message["text"]).group(1).replace(",", "")) - 1000)
        told = sorted(number for numbers in heard.values() for number in numbers)
        check(told == sorted(self.published), f"lost {sorted(set(self.published) - set(told))}, "
              f"twice {sorted({number for number in told if told.count(number) > 1})}")
        for to, numbers in heard.items():
            check(numbers == sorted(numbers), f"{to} heard out of order: {numbers}")
        return expected
