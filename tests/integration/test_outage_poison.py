"""Accounts that are legal and extreme: one with events without end, one whose texts cannot be sent. They stop nobody else,
it shows what became of theirs, and there is a way back.

usage: test_outage_poison.py PROGRAM SOURCE [EVENTS]
"""
import collections
import sys
import time

from outage import World
from program import Directory, check, edit, wait_until

EVENTS = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000
ROUNDS = 10
ACCOUNTS = 20
WAITING_MOST = 50
LONG = "X" * 64  # an account of the longest name that there may be


def applied(world):
    return sum(partition["applied"] for partition in world.status()["partitions"])


def largest_record(world):
    sizes = [len(value) for key in world.redis("KEYS", "dun:*:acct:*").split()
             for value in world.redis("--no-raw", "HVALS", key).splitlines()]
    return max(sizes)


def extreme(world, number):
    """Every field as long as it may be: the text takes two segments, and the gateway takes one."""
    return {**world.payment(LONG), "id": f"{number:04}" + "i" * 124, "source": "s" * 128, "brand": "客" * 21, "segment": "s" * 64,
            "manager": "m" * 64, "email": "e" * 254, "channels": "c" * 128, "order": "o" * 128, "product": "p" * 128,
            "topic": "t" * 128, "notice": "n" * 128, "amount": str(999_999_999_999 - number), "balance": "9" * 12}


def outcomes_of(world, account, *types):
    return [one for one in world.outcomes(*types) if one.get("account") == account]


def run(world):
    world.start_redis("--appendonly", "yes", "--appendfsync", "everysec")
    world.start_gateway("--faults", "delay=20ms:1")
    world.start_dun()
    begun, per_round = time.monotonic(), EVENTS // ROUNDS
    for number in range(ROUNDS):
        world.publish([world.payment("Z1") for _ in range(per_round)])
        world.publish([extreme(world, number)])
        world.publish([world.payment(f"A{account}") for account in range(ACCOUNTS)])
    flood, texts = list(world.owed["Z1"]), list(world.owed[LONG])
    wait_until(lambda: applied(world) == len(flood) + len(texts) + ROUNDS * ACCOUNTS, "everything has been read")
    good = {account: numbers for account, numbers in world.owed.items() if account.startswith("A")}
    wait_until(lambda: all(world.answered()[account] == numbers for account, numbers in good.items()),
               "the others are answered, once and in order")

    # The flood: what it may be told of it is told of in order, and of the rest it is said that it is not.
    def accounted():
        return len(world.answered()["Z1"]) + len(suppressed())

    def suppressed():
        return [one for one in world.outcomes("notice.suppressed") if one["reasons"][-1] == "caps.pending"]
    wait_until(lambda: accounted() == len(flood), "every payment of the flood is told of or accounted for")
    told = world.answered()["Z1"]
    check(told == sorted(set(told)) and len(told) >= WAITING_MOST, f"the flood was told of {told[:60]}")
    check({one["account"] for one in suppressed()} == {"Z1"}, "another account paid for it")
    check(largest_record(world) < 50_000, f"a record of {largest_record(world)} bytes")

    # The texts: each failed by itself, and why stands there.
    wait_until(lambda: len(outcomes_of(world, LONG, "notice.failed")) == len(texts), "each of the texts failed")
    failed = outcomes_of(world, LONG, "notice.failed")
    check(all("gateway.rejected" in one["reasons"] and "segments" in one["detail"] for one in failed), f"{failed[:1]}")
    print(f"{len(flood)} events of one account and {sum(map(len, good.values()))} of others in {time.monotonic() - begun:.0f} s; "
          f"the one was told of {len(told)}; {world.memory() // 1_000_000} MB in Redis")

    # The way back, for both: nothing is edited in Redis. The flood ended; longer texts are allowed.
    world.stop("dun")
    edit(world.config, "gateways.toml", ("segments_max = 1\n", "segments_max = 10\n"))
    world.start_dun()
    world.publish([world.payment("Z1"), extreme(world, 5000)])
    wait_until(lambda: outcomes_of(world, LONG, "notice.sent"), "the longest text is sent")
    wait_until(lambda: len(world.answered()["Z1"]) == len(told) + 1, "the account of the flood is told of what it pays")
    counts = collections.Counter(message["client_ref"] for message in world.messages())
    check(max(counts.values()) == 1, "something was sent twice")


with Directory() as directory:
    world = World(directory, {"gateways.toml": [("segments_max = 10\n", "segments_max = 1\n")]})
    try:
        run(world)
    except BaseException:
        world.tell()
        raise
    finally:
        world.close()
