"""A store that one version of the program has written and another one goes on with.

What is in it: accounts in every state that a record knows, at the moment in which the process that wrote it was killed. It
is kept as Redis's dump, with what the version that wrote it said of the accounts, and what it sent from there on.
"""
import json
import os
import shutil

from program import wait_until

EVENING = "2026-03-02T21:50:00+08:00"
# Behind the night, the ladder's second step and the suspension.
LATER = "2026-03-06T12:00:00+08:00"
SPEED = 7200


def event(number, account, kind, time, **further):
    return {"id": f"u{number}", "type": kind, "account": account, "time": time, "msisdn": f"+86138001380{account[1:]:0>2}",
            "zone": "Asia/Shanghai", "lang": "en", "currency": "CNY", **further}


def vip(number, account, time, manager, **further):
    return event(number, account, "credit.changed", time,
                 **{"state": "arrears", "balance": "-70", "credit_level": "7", "manager": manager, **further})


def before_the_night():
    time = "2026-03-02T21:50:01+08:00"
    return [
        event(1, "A1", "credit.changed", time, state="arrears", balance="-10"),
        event(2, "A2", "credit.changed", time, state="suspension_due", balance="-20", suspend_at="2026-03-05T10:00:00+08:00"),
        event(3, "A3", "credit.changed", time, state="low", balance="3", exhausts_at="2026-03-04T10:00:00+08:00"),
        event(4, "A4", "credit.changed", time, state="arrears", balance="-40", credit_level="7"),
        event(5, "A5", "credit.changed", time, state="arrears", balance="-50"),
        event(6, "A5", "promise.made", "2026-03-02T21:50:02+08:00", until="2026-03-04T12:00:00+08:00"),
        event(7, "A7", "credit.changed", time, state="arrears", balance="-70"),
        event(8, "A7", "account.closed", "2026-03-02T21:50:02+08:00"),
        event(9, "A8", "payment.received", time, amount="8"),
        vip(31, "A11", time, "wu.fang"),
        event(32, "A14", "credit.changed", time, state="arrears", balance="-140"),
        event(33, "A14", "dispute.opened", "2026-03-02T21:50:02+08:00", until="2026-03-04T12:00:00+08:00"),
    ]


def in_the_night():
    time = "2026-03-02T22:10:00+08:00"
    return [
        event(11, "A6", "credit.changed", time, state="arrears", balance="-60"),
        event(12, "A2", "suspension.scheduled", time, suspend_at="2026-03-05T18:00:00+08:00"),
        event(13, "A1", "refund.credited", time, amount="1"),
        vip(34, "A12", time, "wu.fang"),
        vip(35, "A11", time, "wu.fang", state="suspension_due", suspend_at="2026-03-05T18:00:00+08:00"),
    ]


def without_an_answer():
    time = "2026-03-02T22:11:00+08:00"
    return [
        event(21, "A9", "payment.received", time, amount="9"),
        event(22, "A9", "payment.received", "2026-03-02T22:11:01+08:00", amount="19"),
        event(23, "A10", "payment.received", time, amount="10"),
        vip(36, "A13", time, "duty.desk"),
    ]


UNDER_WAY = 3
ACCOUNTS = [f"A{number}" for number in range(1, 15)]
# A manager with nights of her own, and hours that begin in them.
NIGHTS = """
[[person]]
id = "wu.fang"
name = "Wu Fang"
phone = "+8613900000008"
zone = "Asia/Shanghai"
lang = "en"
quiet = [{ from = "22:00", until = "07:30" }]
"""


def with_nights(world):
    path = os.path.join(world.config, "people.toml")
    with open(path, "a") as people:
        people.write(NIGHTS)


def start(world, *, fixture=None):
    if fixture is not None:
        shutil.copy(os.path.join(fixture, "dump.rdb"), world.directory.path)
    world.start_redis("--dbfilename", "dump.rdb")


def explained(world, accounts):
    return {account: [json.loads(line) for line in world.dun("explain", account, "--json").splitlines()]
            for account in accounts}


def go_on(world, wall_time):
    """From then to LATER, and what was sent on the way: to whom, and what."""
    world.start_gateway("--receipts", f"http://127.0.0.1:{world.console_port}/receipts/sim")
    world.run_clock_from(wall_time, SPEED)
    world.start_dun()
    world.wait_for(LATER)
    wait_until(lambda: all(partition["unread"] == 0 and partition["in_flight"] == 0
                           for partition in world.status()["partitions"]), "all is worked off")
    with open(world.record) as record:
        messages = [json.loads(line) for line in record]
    return sorted([message["to"], message["text"]] for message in messages if "text" in message)
