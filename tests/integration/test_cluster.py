"""Redis Cluster under load: a master is killed, comes back, slots with partitions move; every event is answered once."""
import time

from program import Directory, wait_until
from replicated import Billing, Cluster, Service

PARTITIONS = 8


def move_partitions(cluster, key):
    """Moves the slots of one master up to that of the key, with all that is in them, to another one; how many."""
    slots = 0

    def moved():
        nonlocal slots
        found = cluster.master_of(key)
        others = [entry for entry in cluster.masters() if found and entry[0] is not found[0]]
        if not others:
            return False
        source, source_id = found
        ranges = next(ranges for node, _, ranges in cluster.masters() if node is source)
        slots = sum(max(0, min(last, cluster.slot(key)) - first + 1) for first, last in ranges)
        done = cluster.manage("reshard", f"127.0.0.1:{source.port}", "--cluster-from", source_id, "--cluster-to", others[0][1],
                              "--cluster-slots", str(slots), "--cluster-yes")
        if done.returncode == 0:
            return cluster.master_of(key)[1] == others[0][1]
        # On a machine that stands still for too long the servers find each other dead: as an operator would, mend and repeat.
        print("resharding broke off:", done.stdout.strip().splitlines()[-1:], done.stderr.strip())
        cluster.manage("fix", f"127.0.0.1:{source.port}")
        return False

    wait_until(moved, "the slots have moved")
    return slots


with Directory() as directory, Cluster(directory) as cluster, \
        Service(directory, cluster.url, partitions=PARTITIONS, wait_replicas=1) as service:
    billing = Billing(service, "--wait-replicas", "1")
    billing.go_on_for(200)

    # The server of the front door and of some partitions dies.
    victim, _ = cluster.master_of("dun:events")
    begun = time.monotonic()
    victim.end()
    wait_until(lambda: (cluster.master_of("dun:events") or (victim,))[0] is not victim, "its replica took over")
    taken = time.monotonic() - begun
    # Until it is back as a replica nothing more is acknowledged there: wait_replicas asks for one.
    victim.start()
    billing.go_on_for(200)
    wait_until(service.owned, "all partitions are owned again")
    print(f"failover: a new master after {taken:.1f} s, all partitions at work after {time.monotonic() - begun:.1f} s")
    wait_until(cluster.everybody_agrees, "the cluster is whole again")

    # A partition moves to another server while it works.
    key = "dun:{3}:meta"
    quiet = len(service.said())
    begun = time.monotonic()
    slots = move_partitions(cluster, key)
    taken = time.monotonic() - begun
    wait_until(service.owned, "all partitions are owned where they are now")
    print(f"resharding: {slots} slots in {taken:.1f} s; "
          f"partitions held for {', '.join(f'{span:.1f} s' for span in service.spans_given_up(quiet))}")
    billing.go_on_for(200)
    billing.stop()
    print(f"{billing.check_answers()} events, each answered once and in order; {billing.repeated} publications repeated")
    wait_until(service.owned, "all partitions are owned")
    service.stop()
