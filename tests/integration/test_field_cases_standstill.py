"""C10, C11, C12: while something is due and the gateway answers, something is sent, whatever the gateway did before.

A gateway of its own on real sockets freezes for 5 to 40 seconds, closes connections between requests (with a 408 or without a
word, soon after an answer), has one slow connection, and answers one message in so many after a minute. Billing publishes
without end. Fails when for two seconds nothing was begun though there was something and the gateway would have answered.

Arguments: the program, the source directory, and for how many seconds (about a minute if not said).
"""
import asyncio
import json
import random
import sys
import threading
import time

from outage import World
from program import Directory, check, wait_until

SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 0
SEED = 1
STANDSTILL = 2.0
RATE = 60
# Freezes of the short run: when they begin, and how long they last.
SHORT = [(5, 13), (26, 5), (38, 12)]
# A machine that is busy with other things may be late by itself: what this program sees of it is not held against dun.
TICK = 0.05


def freezes(seconds):
    if not seconds:
        return SHORT
    dice, at, all = random.Random(SEED), 10.0, []
    while at < seconds - 60:
        length = dice.uniform(5, 40)
        all.append((at, length))
        at += length + dice.uniform(10, 60)
    return all


class Gateway:
    """generic-json over HTTP/1.1, in a thread of its own. Takes a client_ref once, however often it comes."""

    def __init__(self, port, late):
        self.taken, self.texts = set(), set()
        self.counts = dict.fromkeys(("requests", "repeated", "late", "closed"), 0)
        self.published = 0
        self.standstills = []
        self.kind = True  # no faults any more
        self._port, self._late = port, late
        self._dice = random.Random(SEED)
        self._slow = None  # the connection that is
        self._begun_at = self._excused_until = time.monotonic()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()

    async def _run(self):
        self._open = asyncio.Event()
        self._open.set()
        server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        async with server:
            await self._watch()

    async def _watch(self):
        """A standstill is seen from outside: requests that begin, against what could begin."""
        before = time.monotonic()
        while True:
            await asyncio.sleep(TICK)
            now = time.monotonic()
            could = self._open.is_set() and self.published - len(self.taken) > 4 * RATE
            if not could:
                self._excused_until = now
            else:
                self._excused_until += max(0.0, now - before - 2 * TICK)
            since = now - max(self._begun_at, self._excused_until)
            if since > STANDSTILL:
                if self.standstills and self.standstills[-1][0] > self._begun_at:
                    self.standstills.pop()  # it goes on
                self.standstills.append((now, since, dict(self.counts)))
            before = now

    def freeze(self, frozen):
        (self._open.clear if frozen else self._open.set)()

    async def _serve(self, reader, writer):
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # it did not wait any longer
        finally:
            if self._slow is writer:
                self._slow = None
            writer.close()

    async def _one(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as end:
            if end.partial:
                raise
            return False
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
        message = json.loads(await reader.readexactly(length))
        await self._open.wait()
        self._begun_at = time.monotonic()
        self.counts["requests"] += 1
        await self._dawdle(writer)
        await self._open.wait()
        self.counts["repeated"] += message["client_ref"] in self.taken
        self.taken.add(message["client_ref"])
        self.texts.add(message["text"])
        body = json.dumps({"status": "accepted", "id": str(len(self.taken)), "parts": 1}).encode()
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        await writer.drain()
        if self.kind or self._dice.random() > 0.02:
            return b"connection: close" not in head.lower()
        # The client may be just about to use it again.
        self.counts["closed"] += 1
        await asyncio.sleep(self._dice.choice([0, 0.001, 0.01, 0.05]))
        if self._dice.random() < 0.5:
            writer.write(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        return False

    async def _dawdle(self, writer):
        await asyncio.sleep(self._dice.uniform(0.005, 0.03))
        if self.kind:
            return
        if self._slow is None:
            self._slow = writer
        if self._slow is writer:
            await asyncio.sleep(1.5)
        if self._dice.random() < self._late:
            self.counts["late"] += 1
            await asyncio.sleep(60)


class Billing(threading.Thread):
    """Keeps more waiting than can be sent in a freeze and the time after it."""

    def __init__(self, world, gateway):
        super().__init__(daemon=True)
        self._world, self._gateway, self._on = world, gateway, True
        self.start()

    def run(self):
        number = 0
        while self._on:
            if self._gateway.published - len(self._gateway.taken) > 15 * RATE:
                time.sleep(0.1)
                continue
            events = []
            for _ in range(10 * RATE):
                number += 1
                events.append(self._world.payment(f"A{number}"))
            self._world.publish(events)
            self._gateway.published = number

    def stop(self):
        self._on = False
        self.join()


def run(world, gateway):
    world.start_redis("--appendonly", "yes", "--appendfsync", "everysec")
    world.start_dun()
    billing = Billing(world, gateway)
    wait_until(lambda: len(gateway.taken) > RATE, "messages flow")
    gateway.kind = False
    begun = time.monotonic()
    for at, length in freezes(SECONDS):
        time.sleep(max(0.0, begun + at - time.monotonic()))
        gateway.freeze(True)
        time.sleep(length)
        gateway.freeze(False)
    time.sleep(max(5.0, begun + SECONDS - time.monotonic()))
    billing.stop()
    gateway.kind = True
    wait_until(lambda: len(gateway.taken) >= gateway.published, "everything that was published is sent")
    check(len(gateway.taken) == gateway.published, f"{len(gateway.taken)} references for {gateway.published} payments")
    check(len(gateway.texts) == gateway.published, f"{len(gateway.texts)} texts for {gateway.published} payments")
    for now, since, counts in gateway.standstills:
        print(f"{now - begun:.1f} s after the beginning nothing had been begun for {since:.1f} s; until then {counts}")
    check(not gateway.standstills, f"{len(gateway.standstills)} standstills")
    print(f"{gateway.published} messages in {time.monotonic() - begun:.0f} s, {len(freezes(SECONDS))} freezes, {gateway.counts}: "
          "no standstill")


EDITS = {"gateways.toml": [("rate = 2000", f"rate = {RATE}"), ("burst = 50", "burst = 20")]}

with Directory() as directory:
    world = World(directory, EDITS)
    try:
        run(world, Gateway(world.gateway_port, 1 / 10_000 if SECONDS else 1 / 1_000))
    except BaseException:
        world.tell()
        raise
    finally:
        world.close()
