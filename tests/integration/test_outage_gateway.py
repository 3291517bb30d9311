"""A gateway that is away over a weekend, a night and a day: told of; then what is still true is sent once, by day, in order.

The clock runs 7,200 times as fast. The gateway is back in the evening, so that its backlog runs into the next night.
"""
import binascii
import collections
import datetime
import itertools
import re

from outage import PARTITIONS, World
from program import Directory, check, wait_until

SPEED = 7200
ZONE = datetime.timezone(datetime.timedelta(hours=8))
TEXT = re.compile(r"^(?P<what>CNY|Reminder|We received).* account (?P<account>[A-Z]\d+)\b")
SLOW = {"gateways.toml": [("rate = 2000", "rate = 0.05"), ("burst = 50", "burst = 10"), ("connections = 16", "connections = 1")]}


def debt(account, when):
    return {"id": f"debt-{account}", "account": account, "type": "credit.changed", "state": "arrears", "balance": "-12.50",
            "time": f"{when}+08:00", "lang": "en", "zone": "Asia/Shanghai", "currency": "CNY",
            "msisdn": "+86138" + account[1:].zfill(8)}


def accounts(letter, count):
    return [f"{letter}{number}" for number in range(count)]


def applied(world):
    return sum(partition["applied"] for partition in world.status()["partitions"])


def told(world):
    """What each account was told, in order."""
    by_account = collections.defaultdict(list)
    for message in world.messages():
        found = TEXT.search(message["text"])
        check(found, f"a text that nobody expects: {message}")
        by_account[found["account"]].append(found["what"])
    return by_account


def check_by_day(sent):
    for one in sent:
        local = datetime.datetime.fromisoformat(one["sent_at"].replace("Z", "+00:00")).astimezone(ZONE)
        check(one["kind"] == "payment_received" or 7 <= local.hour < 22, f"in the night: {one}")


def check_order(world, sent):
    """Within a partition nothing goes before what was decided before it, unless a night put that off later: what is under
    way when a night begins comes back behind what is not."""
    places = {one["client_ref"]: (one["account"], one["decided_at"], one["decided_at"]) for one in sent if one["kind"] == "dunning"}
    for held in world.outcomes("notice.held"):
        if held["client_ref"] in places:
            account, decided_at, queued_at = places[held["client_ref"]]
            places[held["client_ref"]] = (account, decided_at, max(held["at"], queued_at))
    by_partition = collections.defaultdict(list)
    for message in world.messages():
        if message["client_ref"] in places:
            account, decided_at, queued_at = places[message["client_ref"]]
            by_partition[binascii.crc_hqx(account.encode(), 0) % PARTITIONS].append((decided_at, queued_at))
    check(len(by_partition) == PARTITIONS, "not every partition had something to send")
    for partition, order in by_partition.items():
        overtaken = [(first, then) for first, then in itertools.combinations(order, 2)
                     if then[0] < first[0] and then[1] < first[1]]
        check(not overtaken, f"partition {partition}: overtaken: {overtaken}")


def run(world):
    world.start_redis("--appendonly", "yes", "--appendfsync", "always")
    world.start_gateway()
    world.run_clock_from("2026-02-28T10:00:00+08:00", SPEED)
    world.start_dun()
    early, late, waiting, payers = accounts("L", 10), accounts("K", 20), accounts("D", 150), accounts("P", 40)
    # Saturday: some have had their first reminder when the gateway goes; others get none any more.
    world.publish([debt(account, "2026-02-28T09:00:00") for account in early])
    wait_until(lambda: len(world.messages()) == len(early), "the first reminders are sent")
    world.end("gateway")
    world.publish([debt(account, "2026-02-28T09:10:00") for account in late])
    wait_until(lambda: applied(world) == 30, "the debts are known")
    world.wait_for_alert("monitor.gateway")
    world.stop("dun")

    # Monday evening: everything starts again, but for the gateway.
    world.run_clock_from("2026-03-02T19:00:00+08:00", SPEED)
    world.start_dun()
    world.publish([debt(account, "2026-03-02T18:00:00") for account in waiting + payers])
    world.wait_for_alert("monitor.gateway")
    world.wait_for_alert("monitor.backlog")
    world.wait_for("2026-03-03T12:00:00+08:00")
    world.publish([{**debt(account, "2026-03-03T11:00:00"), "id": f"paid-{account}", "type": "payment.received",
                    "amount": "12.50", "balance": "0", "state": "clear"} for account in payers])
    wait_until(lambda: applied(world) == 30 + 190 + 40, "the payments are known")
    world.wait_for("2026-03-03T20:30:00+08:00")
    world.start_gateway()
    expected = {**{account: ["CNY", "Reminder"] for account in early},
                **{account: ["Reminder"] for account in late},
                **{account: ["CNY"] for account in waiting},
                **{account: ["We received"] for account in payers}}
    wait_until(lambda: len(world.messages()) >= sum(map(len, expected.values())), "the backlog is sent")
    world.wait_for_no_alert("monitor.gateway")
    world.wait_for_no_alert("monitor.backlog")
    by_account = told(world)
    for account, texts in expected.items():
        check(by_account[account] == texts, f"{account} was told {by_account[account]}, not {texts}")

    count = len(world.messages())
    sent = wait_until(lambda: (lambda all: len(all) == count and all)(world.outcomes("notice.sent")), "all is recorded as sent")
    check_by_day(sent)
    check_order(world, sent)
    ended = collections.Counter((one["type"], one["reasons"][-1]) for one in world.outcomes("notice.cancelled", "notice.expired"))
    check(ended == {("notice.cancelled", "ladder.later_step"): len(late), ("notice.cancelled", "credit.clear"): len(payers)},
          f"what was not sent any more: {ended}")
    alerts = [(one["type"], one["gateway"]) for one in world.outcomes("alert.*") if "monitor.gateway" in one["reasons"]]
    # The first service took its word back when it stopped.
    check(alerts == [("alert.raised", "sim"), ("alert.cleared", "sim")] * 2, f"{alerts}")
    before_night = sum(one["sent_at"] < "2026-03-03T14:00:00Z" for one in sent)
    print(f"{count} messages, each once and in order, {before_night} of them before the second night; void meanwhile: "
          f"{sum(ended.values())}")


with Directory() as directory:
    world = World(directory, SLOW)
    try:
        run(world)
    except BaseException:
        world.tell()
        raise
    finally:
        world.close()
