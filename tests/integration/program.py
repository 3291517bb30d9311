"""Running the dun program in tests: in a directory of its own, never longer than a bound, nothing left behind."""
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

PROGRAM, SOURCE = sys.argv[1], sys.argv[2]
CONFIG = os.path.join(SOURCE, "config")
# A bound against hanging, not a measure of anything.
LONGEST = 400


def free_port():
    """A loopback port that nobody listened on a moment ago, and that the kernel gives to no outgoing connection meanwhile."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first = int(file.read().split()[0])
    while True:
        try:
            with socket.create_server(("127.0.0.1", random.randrange(10_000, max(first, 20_000)))) as server:
                return server.getsockname()[1]
        except OSError:
            continue


class Directory:
    """A temporary directory with a short name, for the sake of unix sockets."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="dun-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name):
        return os.path.join(self.path, name)


def copy_configuration(path):
    """The shipped configuration, to be changed by a test."""
    shutil.copytree(CONFIG, path, ignore=shutil.ignore_patterns("*.cpp", "*.hpp", "*.in", "CMakeLists.txt"))
    return path


def edit(config, name, *changes):
    """Puts one text in the place of another in a file of a configuration, for each pair given; it must be there."""
    path = os.path.join(config, name)
    with open(path) as file:
        text = file.read()
    for old, new in changes:
        check(old in text, f"{name} does not say {old}")
        text = text.replace(old, new)
    with open(path, "w") as file:
        file.write(text)


def dun(*arguments, text=None, expect=0):
    """Runs one command to its end and returns what it printed."""
    done = subprocess.run([PROGRAM, *arguments], input=text, capture_output=True, text=True, timeout=LONGEST)
    if done.returncode != expect:
        raise AssertionError(f"dun {' '.join(arguments)}: exit {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def start(*arguments):
    return subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    """Waits for a process that ends by itself; returns its exit code and output."""
    out, err = process.communicate(timeout=LONGEST)
    return process.returncode, out + err


def stop(process):
    process.send_signal(signal.SIGTERM)
    return finish(process)


def wait_until(condition, what):
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError("waited in vain until " + what)


def check(condition, what):
    if not condition:
        raise AssertionError(what)
