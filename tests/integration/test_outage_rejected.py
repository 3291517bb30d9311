"""A producer gone wrong: very many malformed events among good ones. The good ones are answered, the flood is told of, what
is kept of it is bounded, and an operator can look at it and mend it.

usage: test_outage_rejected.py PROGRAM SOURCE [MALFORMED]
"""
import json
import sys
import time

from outage import World
from program import Directory, check, wait_until

MALFORMED = int(sys.argv[3]) if len(sys.argv) > 3 else 100_000
KEPT = 5_000
ROUNDS = 20
ACCOUNTS = 20
# Redis trims by whole nodes of a hundred entries.
MOST = 2 * (KEPT + 100)


def counter(world, name):
    return sum(partition[name] for partition in world.status()["partitions"])


def malformed(number):
    """No such state; a field that a person can mend."""
    return {"id": f"bad-{number}", "type": "credit.changed", "account": f"B{number}", "state": "arears",
            "time": "2026-01-15T10:00:00+08:00", "msisdn": "+8613800138000"}


def kept(world):
    return sum(int(world.redis("XLEN", key)) for key in world.redis("KEYS", "dun:*:rejected").split())


def listed_events(world):
    """Of each event that is kept: under which id."""
    lines = world.dun("rejected", "list", "--limit", str(MOST), "--json").splitlines()
    return {entry["original"]["id"]: entry["id"] for entry in map(json.loads, lines)}


def check_the_operators_view(world):
    summary = [json.loads(line) for line in world.dun("rejected", "list", "--summary", "--json").splitlines()]
    check([one["field"] for one in summary] == ["state"] and summary[0]["count"] == kept(world), f"{summary}")
    check("arrears" in summary[0]["detail"], f"{summary}")
    few = world.dun("rejected", "list", "--field", "state", "--limit", "3", "--json").splitlines()
    check(len(few) == 3, f"{few}")
    check(world.dun("rejected", "list", "--field", "account", "--json") == "", "a field that is right is listed")
    # The way back: what is put back is looked at again, by the rules of then.
    before, again = counter(world, "rejected"), json.loads(few[0])
    world.dun("rejected", "requeue", again["id"])
    wait_until(lambda: counter(world, "rejected") == before + 1, "the event is looked at again")
    # Whether others leave the list for it depends on where Redis trims.
    event = again["original"]["id"]
    wait_until(lambda: listed_events(world).get(event, again["id"]) != again["id"], "it is on the list again")


def run(world):
    world.start_redis("--appendonly", "yes", "--appendfsync", "everysec")
    world.start_gateway()
    world.start_dun()
    begun, per_round = time.monotonic(), MALFORMED // ROUNDS
    for number in range(ROUNDS):
        world.publish([malformed(number * per_round + one) for one in range(per_round)], "--unchecked")
        world.publish([world.payment(f"A{account}") for account in range(ACCOUNTS)])
        if number == 0:
            world.wait_for_alert("monitor.rejected")
    world.check_all_answered_once()
    wait_until(lambda: counter(world, "rejected") == ROUNDS * per_round, "all of the flood has been looked at")
    spent = time.monotonic() - begun
    check(world.health()[0] == 200, f"a flood is no reason to take the process away: {world.health()}")
    check(kept(world) <= MOST, f"{kept(world)} are kept")
    check_the_operators_view(world)
    print(f"{ROUNDS * per_round} malformed and {sum(map(len, world.owed.values()))} good events in {spent:.0f} s; "
          f"{kept(world)} kept; {world.memory() // 1_000_000} MB in Redis")
    # It is over when its time is over.
    world.wait_for_no_alert("monitor.rejected")
    world.check_alert_was_told("monitor.rejected")


with Directory() as directory:
    world = World(directory, {"dun.toml": [("rejected_max = 100000", f"rejected_max = {KEPT}")],
                              "policies.toml": [('rejected_within = "10m"', 'rejected_within = "10s"'),
                                                ("rejected_max = 1000", "rejected_max = 500")]})
    try:
        run(world)
    except BaseException:
        world.tell()
        raise
    finally:
        world.close()
