"""A replica takes over that lacks acknowledged writes: billing sends them again, and they end in the same messages, once.

The cluster speaks TLS only.
"""

from program import Directory, check, wait_until
from replicated import Billing, Certificate, Cluster, Service


class NumberedBilling(Billing):
    """Keeps its events in a file and publishes what the stream does not have."""

    def __init__(self, service, path):
        self._path = path
        super().__init__(service, "--resume")

    def _publish(self, text):
        with open(self._path, "a") as file:
            file.write(text)
        return self.resume

    def resume(self):
        return self._service.succeeds("publish", "--resume", self._path)


with Directory() as directory:
    tls = Certificate(directory)
    with Cluster(directory, tls) as cluster, \
            Service(directory, cluster.url, partitions=6, resend_wait='"3s"', **tls.dun_settings) as service:
        billing = NumberedBilling(service, directory.file("events.ndjson"))
        billing.go_on_for(200)

        # The replica of the front door's server is not let in any more, so it falls behind; then its master dies.
        victim, identity = cluster.master_of("dun:events")
        replica = next(node for node in cluster.nodes if node.info("master_port") == str(victim.port))
        known = len(billing.published)
        victim.cli("ACL", "SETUSER", "default", "-psync", "-sync")
        victim.cli("CLIENT", "KILL", "TYPE", "replica")
        billing.go_on_for(200)
        wait_until(lambda: len(service.messages()) >= 300, "messages leave that the replica knows nothing of")
        acknowledged = len(billing.published)
        sent = len(service.messages())
        check(int(replica.info("slave_repl_offset")) < int(victim.info("master_repl_offset")), "the replica lacks nothing")
        victim.end()
        wait_until(lambda: (cluster.master_of("dun:events") or (victim,))[0] is not victim, "its replica took over")
        wait_until(lambda: "took over from" in service.said(), "the service noticed")
        victim.start()
        billing.go_on_for(200)
        wait_until(service.owned, "all partitions are owned")
        wait_until(lambda: all(partition["waits_ms"] == 0 for partition in (service.status() or {"partitions": [{"waits_ms": 1}]})["partitions"]),
                   "claims no longer wait")
        billing.stop()
        check(billing.resume(), "billing cannot resume")
        there = int(cluster.master_of("dun:events")[0].cli("XREVRANGE", "dun:events", "+", "-", "COUNT", "1").split("-")[0])
        check(there == len(billing.published), f"the stream ends at {there}")
        print(f"{billing.check_answers()} events, each answered once and in order; {acknowledged} were acknowledged and {sent} "
              f"messages sent when a replica took over that had no more than about {known}")
        service.stop()
