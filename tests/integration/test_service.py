"""The service as an operator runs it: Redis over TLS with a password, rules read again, Redis gone for a while, a stop."""
import datetime
import json
import os
import signal
import subprocess

from program import PROGRAM, Directory, check, copy_configuration, dun, edit, free_port, wait_until

PASSWORD = "a pass:word@/%"
CHINA = datetime.timezone(datetime.timedelta(hours=8))


class Service:
    """Redis, the simulator and `dun serve` with a configuration of its own."""

    def __init__(self, directory):
        self._directory = directory
        self._redis_port, self._console_port = free_port(), free_port()
        self.config = directory.file("config")
        self.log = directory.file("serve.log")
        self.processes = {}
        self.reloads = 0
        copy_configuration(self.config)
        os.makedirs(directory.file("redis"))
        self._make_certificate()
        edit(self.config, "dun.toml", ('url = "redis://127.0.0.1:6379"', f'url = "rediss://:{{env:DUN_TEST_PASSWORD}}@localhost:{self._redis_port}"'),
             ('ca_file = ""', f'ca_file = "{directory.file("redis/tls.crt")}"'),
             ('listen = "127.0.0.1:8620"', f'listen = "127.0.0.1:{self._console_port}"'),
             ("partitions = 16", "partitions = 2"))

    def _make_certificate(self):
        name = self._directory.file("redis/tls")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", name + ".key", "-out", name + ".crt"], check=True, capture_output=True)

    def start_redis(self):
        name = self._directory.file("redis/tls")
        self._start("redis", ["redis-server", "--port", "0", "--tls-port", str(self._redis_port), "--bind", "127.0.0.1",
                              "--tls-cert-file", name + ".crt", "--tls-key-file", name + ".key",
                              "--tls-ca-cert-file", name + ".crt", "--tls-auth-clients", "no", "--requirepass", PASSWORD,
                              "--dir", self._directory.file("redis"), "--appendonly", "yes", "--appendfsync", "always",
                              "--maxmemory-policy", "noeviction"])

    def start_simulator(self):
        self._simulator_port = free_port()
        self._start("simulator", [PROGRAM, "gateway-sim", "--port", str(self._simulator_port), "--record",
                                  self._directory.file("gateway.ndjson")])

    def environment(self, password=PASSWORD):
        quoted = "".join(f"%{byte:02X}" for byte in password.encode())
        return {**os.environ, "DUN_TEST_PASSWORD": quoted,
                "DUN_SIM_URL": f"http://127.0.0.1:{self._simulator_port}/send",
                "DUN_RECEIPTS_URL": f"http://127.0.0.1:{self._console_port}"}

    def start_dun(self):
        self._start("dun", [PROGRAM, "serve", "--config", self.config], self.environment())

    def _start(self, name, command, environment=None):
        with open(self.log if name == "dun" else self._directory.file(name + ".log"), "a") as log:
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def end(self, name, how=signal.SIGTERM):
        process = self.processes.pop(name)
        process.send_signal(how)
        return process.wait(timeout=60)

    def run(self, *arguments, text=None, expect=0):
        done = subprocess.run([PROGRAM, *arguments, "--config", self.config], input=text, capture_output=True, text=True,
                              env=self.environment(), timeout=60)
        check(done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def log_says(self, what, times=1):
        def said():
            with open(self.log) as log:
                return log.read().count(what) >= times
        wait_until(said, f"the log says {what}")

    def publish(self, number, **fields):
        # Payments are answered at any hour, so it does not matter when this test runs.
        event = {"id": f"e{number}", "account": f"A{number}", "type": "payment.received", "amount": "5", "currency": "CNY",
                 "time": "2026-01-15T10:00:00+08:00", "msisdn": "+8613800138000", "zone": "Asia/Shanghai", "lang": "en"}
        self.run("publish", text=json.dumps({**event, **fields}) + "\n")

    def owe(self, number):
        self.publish(number, type="credit.changed", state="arrears", time=datetime.datetime.now(CHINA).isoformat())

    def quiet_until(self, end):
        """It has been quiet for hours, and will be until then, or has been until then."""
        window = (f'from = "{end - datetime.timedelta(hours=8):%H:%M}"\n', f'until = "{end:%H:%M}"\n')
        path = os.path.join(self.config, "policies.toml")
        with open(path) as source:
            lines = source.readlines()
        for i, name in enumerate(("from = ", "until = ")):
            lines = [window[i] if line.startswith(name) else line for line in lines]
        with open(path, "w") as target:
            target.writelines(lines)
        times = self.reloads = self.reloads + 1
        self.processes["dun"].send_signal(signal.SIGHUP)
        self.log_says("people and texts read again", times)

    def outcome(self, number, kind):
        """Waits for an outcome of this type about the account, in the journal."""
        return wait_until(lambda: [outcome for outcome in self.explained(number) if outcome["type"] == kind],
                          f"{kind} of A{number}")[0]

    def explained(self, number):
        done = subprocess.run([PROGRAM, "explain", f"A{number}", "--json", "--config", self.config], capture_output=True,
                              text=True, env=self.environment(), timeout=60)
        return [json.loads(line) for line in done.stdout.splitlines()]


with Directory() as directory:
    service = Service(directory)
    try:
        service.start_simulator()

        # Redis is not there yet: the service waits for it.
        service.start_dun()
        service.log_says("waiting for redis")
        service.start_redis()
        service.log_says("running owner=")
        service.publish(1)
        service.outcome(1, "notice.delivered")

        # A wrong password is no reason to wait.
        refused = subprocess.run([PROGRAM, "serve", "--config", service.config], capture_output=True, text=True,
                                 env=service.environment("another one"), timeout=60)
        check(refused.returncode == 1 and "password" in refused.stderr and "another one" not in refused.stderr, refused.stderr)

        # A mistake in the rules is told, and those in force stay.
        edit(service.config, "policies.toml", ("segments = []", 'segmants = ["test"]'))
        service.processes["dun"].send_signal(signal.SIGHUP)
        service.log_says("the one in force stays")
        service.log_says('did you mean "segments"?')
        service.publish(2, segment="test")
        service.outcome(2, "notice.sent")
        edit(service.config, "policies.toml", ("segmants", "segments"))
        service.processes["dun"].send_signal(signal.SIGHUP)
        service.log_says("people and texts read again")
        service.publish(3, segment="test")
        check("exclusions.segment" in service.outcome(3, "notice.suppressed")["reasons"], "it is not told why")
        service.reloads = 1

        # What is held over the night goes when a shorter one ends.
        now = datetime.datetime.now(CHINA).replace(second=0, microsecond=0)
        service.quiet_until(now + datetime.timedelta(hours=5))
        held = range(11, 16)
        for number in held:
            service.owe(number)
            service.outcome(number, "notice.held")
        sooner = now + datetime.timedelta(hours=2)
        service.quiet_until(sooner)
        for number in held:
            wait_until(lambda: any(outcome["type"] == "notice.held" and
                                   datetime.datetime.fromisoformat(outcome["due_at"].replace("Z", "+00:00")) == sooner
                                   for outcome in service.explained(number)), f"A{number} is held until {sooner}")
        service.quiet_until(now - datetime.timedelta(hours=1))
        for number in held:
            service.outcome(number, "notice.sent")

        # Redis dies and comes back with what it had acknowledged.
        service.end("redis", signal.SIGKILL)
        service.log_says("redis down")
        service.start_redis()
        wait_until(lambda: subprocess.run([PROGRAM, "status", "--config", service.config], capture_output=True,
                                          env=service.environment()).returncode == 0, "redis is back")
        service.publish(4)
        service.outcome(4, "notice.delivered")

        check(service.end("dun") == 0, "an orderly stop")
        with open(directory.file("gateway.ndjson")) as record:
            check([json.loads(line)["to"] for line in record] == ["+8613800138000"] * 8, "the simulator's record")
    except AssertionError:
        with open(service.log) as log:
            print(log.read())
        raise
    finally:
        for process in service.processes.values():
            process.kill()
            process.wait()
