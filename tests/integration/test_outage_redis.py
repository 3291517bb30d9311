"""Redis full, close to it, and turned read-only, while events come in: told of, and all answered once when it is over."""
from outage import Billing, World
from program import Directory, check, free_port, wait_until

MONITORS = {"policies.toml": [('store_after = "30s"', 'store_after = "2s"'), ('store_within = "10m"', 'store_within = "10s"')]}
# No row of refusals is long enough.
BRINK = {"policies.toml": [('store_after = "30s"', 'store_after = "1h"'), ("store_max = 10", "store_max = 3"),
                           ('store_within = "10m"', 'store_within = "1m"')]}


def some_answers(world, more=50):
    before = len(world.messages())
    wait_until(lambda: len(world.messages()) >= before + more, "messages leave")


def check_trouble(world, billing, word, mend):
    world.wait_for_alert("monitor.store")
    wait_until(lambda: world.health()[0] == 503 and word in world.health()[1], f"/healthz says why: {word}")
    wait_until(lambda: world.refused > 0, "billing is refused too")
    mend()
    world.wait_for_no_alert("monitor.store")
    some_answers(world)
    billing.stop()
    world.check_all_answered_once()
    world.check_alert_was_told("monitor.store")
    print(f"{word}: {len(world.messages())} messages, each once; billing was refused {world.refused} times")


def full(world, billing):
    """What comes in is refused when there is no room, and nothing that is there is lost."""
    world.redis("CONFIG", "SET", "maxmemory", str(world.memory() + 300_000))
    wait_until(lambda: world.refused > 0, "billing is refused")
    # At the brink, what is consumed makes room for a commit now and then, and no trouble lasts.
    world.redis("CONFIG", "SET", "maxmemory", "1mb")
    check_trouble(world, billing, "OOM", lambda: world.redis("CONFIG", "SET", "maxmemory", "0"))


def read_only(world, billing):
    """An operator's mistake, or a failover that is not over: the server is a replica of one that is not there."""
    world.redis("REPLICAOF", "127.0.0.1", str(free_port()))
    check_trouble(world, billing, "READONLY", lambda: world.redis("REPLICAOF", "NO", "ONE"))


def brink(world, billing):
    """Close to maxmemory something is taken now and then."""
    for _ in range(100):
        if "alert monitor.store" in world.health()[1]:
            break
        world.redis("CONFIG", "SET", "maxmemory", "1mb")
        wait_until(lambda: "OOM" in world.health()[1], "a commit is refused")
        world.redis("CONFIG", "SET", "maxmemory", "0")
        wait_until(lambda: world.health()[0] == 200, "commits are taken again")
    billing.stop()  # in a minute it would owe more than may wait (caps.pending)
    check("times within 1m" in world.health()[1], f"{world.health()}")
    world.wait_for_no_alert("monitor.store")
    world.check_all_answered_once()
    world.check_alert_was_told("monitor.store")


for trouble, monitors in ((full, MONITORS), (read_only, MONITORS), (brink, BRINK)):
    with Directory() as directory:
        world = World(directory, monitors)
        billing = None
        try:
            world.start_redis("--appendonly", "yes", "--appendfsync", "always")
            world.start_gateway()
            world.start_dun()
            billing = Billing(world)
            some_answers(world)
            trouble(world, billing)
        except BaseException:
            world.tell()
            raise
        finally:
            world.close()
            if billing:
                billing.stop()
