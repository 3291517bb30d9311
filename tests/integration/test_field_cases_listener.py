"""An attacker at the HTTP listener of a running service (C4, C5, C6, C7, C14, S1): whatever comes in there,
messages go on being sent, memory stays flat, and /healthz tells the truth."""
import contextlib
import http.client
import json
import os
import re
import resource
import socket
import threading
import time

from outage import World
from program import PROGRAM, Directory, check, copy_configuration, dun, edit, free_port, wait_until

DESCRIPTORS = 1024           # of the service: as many as systemd gives, with no more to be had
IDLE, BODIES, BODY = 10_000, 1_000, 1_000_000
FLOOD_SECONDS = 4
GROWTH_MOST = 200 << 20      # of the resident size, in the sanitizers' build too; without bounds it was 506 MB
HEALTH_WITHIN = 20           # seconds; before, 160


class Attacked(World):
    def __init__(self, directory):
        super().__init__(directory)
        self.health_port = free_port()
        self.largest = 0
        self.accounts = 0
        self._watching = True
        self._watch = threading.Thread(target=self._keep_watching)

    def start_dun(self):
        # What is freed is kept by the sanitizer for a while; here as little as may be, because size is looked at.
        os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=4"
        self.start("dun", "prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}", PROGRAM, "serve", "--config", self.config,
                   "--health", f"127.0.0.1:{self.health_port}")
        wait_until(lambda: (self.status() or {}).get("processes"), "the service runs")
        wait_until(lambda: self.health()[0] == 200, "it is healthy")

    def resident(self):
        with open(f"/proc/{self.processes['dun'].pid}/status") as file:
            return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) << 10

    def begin_watching(self):
        self._watch.start()

    def _keep_watching(self):
        while self._watching:
            with contextlib.suppress(OSError, KeyError, TypeError):
                self.largest = max(self.largest, self.resident())
            time.sleep(0.02)

    def end_watching(self):
        self._watching = False
        if self._watch.is_alive():
            self._watch.join()

    def check_goes_on(self, when):
        """Customers are told, their receipts come back, and health is what it is, at both of its addresses."""
        told = len(self.messages())
        for _ in range(20):
            self.accounts += 1
            self.publish([self.payment(f"A{self.accounts}")])
        wait_until(lambda: len(self.messages()) == told + 20, f"customers are told {when}")
        wait_until(lambda: len(self.outcomes("notice.delivered")) == told + 20, f"receipts come back {when}")
        for port in (self.console_port, self.health_port):
            begun = time.monotonic()
            status, body = self.ask(port, "/healthz")
            # A flood of forged receipts is told of for as long as it is within its time.
            told_of = [line for line in body.splitlines()[1:] if not line.startswith("alert monitor.forged sim")]
            check(status == 200 and body.startswith("ok\n") and not told_of, f"health {when}: {status} {body}")
            check(time.monotonic() - begun < HEALTH_WITHIN, f"health took {time.monotonic() - begun} s {when}")
        check(self.processes["dun"].poll() is None, f"the service ended {when}")

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.console_port), timeout=10)

    def talk(self, text):
        """All that is answered to some bytes, until the service closes."""
        with self.connect() as connection, contextlib.suppress(ConnectionResetError):
            connection.sendall(text.encode())
            answer = b""
            while part := connection.recv(65536):
                answer += part
        return answer.decode()

    def post(self, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.console_port, timeout=30)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("POST", "/receipts/sim", body)
            return connection.getresponse().status
        return None

    def stream_length(self):
        return sum(int(self.redis("XLEN", key)) for key in self.redis("KEYS", "dun:*events").split())


def C4_C5_idle_connections(world):
    connections = []
    try:
        for _ in range(min(IDLE, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 300)):
            connection = socket.socket()
            connection.settimeout(10)
            connection.connect(("127.0.0.1", world.console_port))
            connections.append(connection)
        world.check_goes_on("beside idle connections")
        status = world.dun("status", "--json")
        check(status, "dun status fails")
    finally:
        for connection in connections:
            connection.close()


def C5_large_bodies(world):
    connections = []
    head = f"POST /receipts/sim HTTP/1.1\r\nHost: x\r\nContent-Length: {BODY}\r\n\r\n".encode()
    body = b" " * (BODY - 1)

    def send(count):
        for _ in range(count):
            with contextlib.suppress(OSError):
                connection = socket.create_connection(("127.0.0.1", world.console_port), timeout=5)
                connections.append(connection)
                connection.sendall(head + body)

    threads = [threading.Thread(target=send, args=(BODIES // 8,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    world.check_goes_on("beside large bodies")
    for thread in threads:
        thread.join()
    check(len(connections) > BODIES // 2, f"only {len(connections)} bodies were sent")
    world.check_goes_on("behind large bodies")
    for connection in connections:
        connection.close()


def C7_a_flood_of_forged_receipts(world):
    world.check_goes_on("before the flood")
    before = world.stream_length()
    answers = {}
    stop = time.monotonic() + FLOOD_SECONDS

    def flood(number):
        connection = http.client.HTTPConnection("127.0.0.1", world.console_port, timeout=30)
        count = 0
        while time.monotonic() < stop:
            count += 1
            receipt = {"client_ref": f"A{count % 1000}~{count:016}~{number:010}", "status": "delivered"}
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("POST", "/receipts/sim", json.dumps(receipt))
                answer = connection.getresponse()
                answer.read()
                answers[answer.status] = answers.get(answer.status, 0) + 1
        connection.close()

    threads = [threading.Thread(target=flood, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    world.check_goes_on("in a flood of receipts")
    for thread in threads:
        thread.join()
    check(set(answers) == {403} and answers[403] > 100, f"the flood was answered {answers}")
    # Twenty payments at the front door, routed to their partitions, and the receipts of the twenty messages; and that
    # the flood is told of, which comes to its case by both.
    world.wait_for_alert("monitor.forged")
    check(world.stream_length() <= before + 3 * 20 + 4, f"{world.stream_length() - before} entries in the streams")
    # A process says once a second what it has counted.
    wait_until(lambda: world.status()["processes"][0]["receipts"][0]["forged"] >= answers[403], "the flood is counted")
    with open(world.directory.file("dun.log")) as log:
        check(log.read().count("receipts refused or ignored") < 20, "a line of the log for each")


def C6_nobody_forges_a_receipt(world):
    """A message that no gateway has yet is not ended by a receipt, whatever its sender knows of it."""
    sent = world.outcomes("notice.sent")[-1]
    check(re.fullmatch(re.escape(sent["notice"]) + "~[0-9a-z]{10}", sent["client_ref"]), f"the reference {sent}")
    delivered = len(world.outcomes("notice.delivered"))
    for reference in (sent["notice"], sent["notice"] + "~0000000000", sent["client_ref"][:-1]):
        check(world.post(json.dumps({"client_ref": reference, "status": "failed"})) == 403, f"{reference} is believed")
    # Nor does a producer say what only Dun says.
    rejected = len(world.dun("rejected", "list", "--json").splitlines())
    for key, mac in (("dun:events", []), ("dun:events", ["mac", "0123456789abcdef"])):
        world.redis("XADD", key, "*", "id", f"forged{len(mac)}", "type", "dun.receipt", "account", sent["account"],
                    "time", sent["at"], "notice", sent["notice"], "status", "failed", "gateway", "sim", *mac)
    wait_until(lambda: len(world.dun("rejected", "list", "--json").splitlines()) == rejected + 2, "both are rejected")
    check(not world.dun("outcomes", "--type", "notice.failed"), "a forged receipt was believed")
    check(len(world.outcomes("notice.delivered")) == delivered, "a forged receipt counts")
    world.check_goes_on("behind forged receipts")


def C6_receipts_from_other_machines_need_a_proof(world):
    refused = dun("serve", "--config", world.config, "--listen", "0.0.0.0:0", expect=2)
    check("token, sources or signature_header" in refused, refused)
    copy = copy_configuration(world.directory.file("open"))
    edit(copy, "dun.toml", ('listen = "127.0.0.1:8620"', 'listen = "0.0.0.0:8620"'))
    found = dun("check", "--config", copy, expect=1)
    place = r'gateways\.toml:\d+:\d+: error: gateway "sim": .*token, sources or signature_header'
    check(re.search(place, found), found)


def C14_a_body_without_an_end(world):
    hidden = "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n"
    for coding in ("identity", "gzip", "chunked, identity"):
        answer = world.talk(f"POST /receipts/sim HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: {coding}\r\n\r\n{hidden}")
        check(answer.startswith("HTTP/1.1 501 ") and answer.count("HTTP/1.1") == 1, f"{coding}: {answer}")
    for path, status in (("/healthz/x", 404), ("/healthz/", 404), ("/receipts/../healthz", 400),
                         ("http://h/healthz", 200)):
        answer = world.talk(f"GET {path} HTTP/1.1\r\nConnection: close\r\n\r\n")
        check(answer.startswith(f"HTTP/1.1 {status} "), f"{path}: {answer}")
    check(world.talk("POST /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").startswith("HTTP/1.1 405 "), "any method")
    world.check_goes_on("behind odd requests")


def S1_a_receipt_nested_without_end(world):
    deep = '{"client_ref":' + "[" * 90_000 + "]" * 90_000 + ',"status":"delivered"}'
    check(world.post(deep) == 400, "a receipt of brackets")
    check(world.post("[" * 180_000) == 400, "a receipt of brackets that ends nowhere")
    world.check_goes_on("behind a receipt of brackets")


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
with Directory() as directory:
    world = Attacked(directory)
    try:
        world.start_redis()
        world.start_gateway()
        world.start_dun()
        world.check_goes_on("at first")
        at_first = world.resident()
        world.begin_watching()
        for attack in (C4_C5_idle_connections, C5_large_bodies, C7_a_flood_of_forged_receipts,
                       C6_nobody_forges_a_receipt, C6_receipts_from_other_machines_need_a_proof,
                       C14_a_body_without_an_end, S1_a_receipt_nested_without_end):
            begun = time.monotonic()
            attack(world)
            print(f"{attack.__name__}: {time.monotonic() - begun:.1f} s, {(world.largest - at_first) >> 20} MB more")
            check(world.largest - at_first < GROWTH_MOST,
                  f"{attack.__name__}: it grew by {(world.largest - at_first) >> 20} MB")
        world.end_watching()
        world.check_all_answered_once()
        world.stop("dun")
    except AssertionError:
        world.tell()
        raise
    finally:
        world.end_watching()
        world.close()
