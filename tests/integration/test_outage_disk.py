"""The disk of Redis is full: with appendfsync everysec it refuses, with always it exits and is started again."""
import os
import subprocess
import sys

from outage import Billing, World
from program import Directory, wait_until

MONITORS = {"policies.toml": [('store_after = "30s"', 'store_after = "2s"')]}
SIZE = 24 * 1024 * 1024


class SmallDisk:
    """A file system of its own, in a mount namespace of its own: nothing of it is left behind."""

    def __init__(self, directory):
        self.path = directory.file("disk")
        os.makedirs(self.path)
        self.process = subprocess.Popen(
            ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size={SIZE} tmpfs '{self.path}' && echo mounted && exec sleep infinity"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "mounted\n":
            print("skipped: no file system can be mounted here:", self.process.stderr.read().strip())
            sys.exit(0)
        self.enter = ["nsenter", "-t", str(self.process.pid), "-m"]
        # The same directory as the processes in the namespace see it.
        self._seen = f"/proc/{self.process.pid}/root{self.path}"

    def fill(self):
        with open(os.path.join(self._seen, "ballast"), "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"x" * 65536)
            except OSError:
                pass

    def make_room(self):
        os.remove(os.path.join(self._seen, "ballast"))

    def close(self):
        self.process.kill()
        self.process.wait()


def refuses(world, disk, start_redis):
    """everysec: writes are refused until a background write succeeds."""
    world.wait_for_alert("monitor.store")
    wait_until(lambda: "MISCONF" in world.health()[1], "/healthz says why")
    disk.make_room()


def exits(world, disk, start_redis):
    """always: what cannot be made durable is not acknowledged, so the server ends. Nobody edits anything: it is started
    again when there is room."""
    wait_until(lambda: world.processes["redis"].poll() is not None, "redis exits")
    world.wait_for_alert("monitor.store")
    disk.make_room()
    start_redis()


for fsync, trouble in (("everysec", refuses), ("always", exits)):
    with Directory() as directory:
        disk = SmallDisk(directory)
        world = World(directory, MONITORS)
        billing = None

        def start_redis():
            world.start_redis("--appendonly", "yes", "--appendfsync", fsync, "--auto-aof-rewrite-percentage", "0",
                              before=disk.enter, directory=disk.path)
        try:
            start_redis()
            world.start_gateway()
            world.start_dun()
            billing = Billing(world)
            wait_until(lambda: len(world.messages()) > 50, "messages leave")
            disk.fill()
            trouble(world, disk, start_redis)
            world.wait_for_no_alert("monitor.store")
            before = len(world.messages())
            wait_until(lambda: len(world.messages()) > before + 50, "messages leave again")
            billing.stop()
            world.check_all_answered_once()
            world.check_alert_was_told("monitor.store")
            print(f"{fsync}: {len(world.messages())} messages, each once; billing was refused {world.refused} times")
        except BaseException:
            world.tell()
            raise
        finally:
            world.close()
            if billing:
                billing.stop()
            disk.close()
