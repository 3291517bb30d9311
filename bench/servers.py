"""What every bench starts: a Redis and an nginx of its own, on loopback and in a directory of its own; and what they cost."""
import os
import re
import socket
import subprocess
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TICK = os.sysconf("SC_CLK_TCK")
NGINX = """daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log crit;
events {{ worker_connections 1024; }}
http {{ keepalive_requests 100000000; client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f;
  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s; log_format sent '$msec $http_x_to'; access_log {2};
  server {{ listen 127.0.0.1:{1};
    location / {{ default_type application/json; return 200 '{{"status":"accepted","id":"1"}}'; }}
    location /taken {{ stub_status; access_log off; }} }} }}
"""


def free_port():
    """A loopback port that nobody listened on a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def wait_for(condition, what, seconds=600, pause=0.02):
    """Waits, with a bound, and returns what the condition gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(pause)
    raise TimeoutError(f"in {seconds} s it did not happen that {what}")


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A process that is stopped at the end of its `with`."""

    def __init__(self, command, port=None, **options):
        self.command, self.port, self.options = command, port, options

    def __enter__(self):
        self.process = subprocess.Popen(self.command, **{"stdout": subprocess.DEVNULL, **self.options})
        if self.port is not None:
            wait_for(lambda: answers(self.port), f"{self.command[0]} answers")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def pids(self):
        """The process and its descendants."""
        found = [self.process.pid]
        for pid in found:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/children") as file:
                    found += [int(child) for child in file.read().split()]
        return found

    def cpu(self):
        """Seconds of the processor, user and system, of the process and its descendants so far."""
        spent = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            spent += int(fields[11]) + int(fields[12])
        return spent / TICK

    def memory(self):
        """Most resident bytes so far, of the process and its descendants together."""
        most = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/status") as file:
                most += int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) * 1024
        return most


def redis_server(directory, *options):
    """Without persistence, unless the options say otherwise."""
    port = free_port()
    return Server(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "",
                   "--appendonly", "no", "--maxmemory-policy", "noeviction", "--hash-max-listpack-value", "512", *options], port)


class Sink(Server):
    """The gateway: answers every message at once, and keeps when it came and to whom it was, where it is asked to."""

    def __init__(self, directory, keeps=True):
        self.log = os.path.join(directory, "sent.log")
        port = free_port()
        config = os.path.join(directory, "nginx.conf")
        with open(config, "w") as file:
            file.write(NGINX.format(directory, port, f"{self.log} sent buffer=64k flush=1s" if keeps else "off"))
        self.url = f"http://127.0.0.1:{port}/send"
        self.asked = 0
        super().__init__(["nginx", "-p", directory, "-c", config], port)

    def taken(self):
        """Messages so far."""
        with urllib.request.urlopen(self.url.replace("/send", "/taken")) as said:
            text = said.read().decode()
        self.asked += 1
        return int(text.splitlines()[2].split()[2]) - self.asked

    def sent(self):
        """What is kept, in the order of arrival: seconds and the number of the receiver."""
        time.sleep(1.5)  # for its buffer
        with open(self.log) as file:
            return [(float(at), int(to[5:])) for at, _, to in (line.partition(" ") for line in file) if to.startswith("+8613")]
