"""Dun as a contestant: `dun publish` and `dun serve` over the same Redis and the same gateway as the others."""
import datetime
import json
import os
import shutil
import subprocess

from servers import ROOT, Server, free_port, wait_for

WIDTH = 64
GATEWAYS = """[gateways.sink]
preset = "generic-json"
remembers_for = "3d"
[gateways.sink.request]
url = "{url}"
headers = {{ X-To = "{{to}}" }}
[gateways.sink.unknown]
rule = "same_ref"
[gateways.sink.transport]
connections = {width}
[gateways.sink.flow]
rate = 1000000
burst = 1000000
in_flight_max = {width}
[routing]
default = "sink"
"""


def configure(directory, url):
    """The shipped configuration, with the sink for a gateway."""
    config = os.path.join(directory, "config")
    shutil.copytree(os.path.join(ROOT, "config"), config, ignore=shutil.ignore_patterns("*.cpp", "*.hpp", "*.in", "CMakeLists.txt"))
    with open(os.path.join(config, "gateways.toml"), "w") as file:
        file.write(GATEWAYS.format(url=url, width=WIDTH))
    return config


def zone_of_noon():
    """Where it is about noon now, and so no quiet hours."""
    ahead = 12 - datetime.datetime.now(datetime.timezone.utc).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


def write_events(path, notices):
    """One account in arrears for each notice, in the order of their numbers."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    zone = zone_of_noon()
    with open(path, "w") as file:
        for number in range(notices):
            file.write(json.dumps({"id": f"e{number}", "type": "credit.changed", "account": f"A{number:09}", "time": now,
                                   "state": "arrears", "balance": "-12.50", "currency": "CNY", "lang": "en", "zone": zone,
                                   "msisdn": f"+8613{number:09}"}) + "\n")
    return path


class Dun:
    """One installation at work; `redis` may be a port in front of the server."""

    def __init__(self, program, directory, redis, url):
        self.program, self.redis = program, f"redis://127.0.0.1:{redis}"
        self.config = configure(directory, url)
        self.log = open(os.path.join(directory, "serve.log"), "w")
        self.server = Server([program, "serve", "--config", self.config, "--redis", self.redis, "--owner", "bench", "--listen",
                              f"127.0.0.1:{free_port()}"], stdout=self.log, stderr=self.log)

    def __enter__(self):
        self.server.__enter__()
        wait_for(self.ready, "dun serve owns its partitions", 60)
        return self

    def __exit__(self, *ended):
        self.server.__exit__(*ended)
        self.log.close()

    def ready(self):
        if self.server.process.poll() is not None:
            raise RuntimeError(f"dun serve ended: {open(self.log.name).read()}")
        said = subprocess.run([self.program, "status", "--config", self.config, "--redis", self.redis, "--json"],
                              capture_output=True, text=True)
        return said.returncode == 0 and all(each.get("owner") for each in json.loads(said.stdout)["partitions"])

    def publish(self, events):
        return [self.program, "publish", "--direct", "--unchecked", "--config", self.config, "--redis", self.redis, events]
