"""A newer version goes on with what an older one has stored: nothing is lost, repeated or told otherwise.

usage: test_upgrade.py PROGRAM SOURCE [--write FIXTURE]

With --write, PROGRAM is the version that writes a fixture, into a folder of that name beside the others.
"""
import json
import os
import sys

import upgrade
from outage import World
from program import PROGRAM, SOURCE, Directory, check, wait_until

FIXTURES = os.path.join(SOURCE, "tests", "integration", "upgrade_fixtures")


def write(world, fixture):
    """Runs the evening, ends the process under way, and keeps what is in Redis then."""
    upgrade.start(world)
    world.start_gateway()
    world.run_clock_from(upgrade.EVENING, 60)
    world.start_dun()
    world.publish(upgrade.before_the_night())
    world.wait_for("2026-03-02T22:10:00+08:00")
    world.publish(upgrade.in_the_night())
    world.wait_for("2026-03-02T22:12:00+08:00")
    world.end("gateway")
    world.start("gateway", PROGRAM, "gateway-sim", "--port", str(world.gateway_port), "--faults", "no_answer=1")
    world.publish(upgrade.without_an_answer())
    wait_until(lambda: sum(partition["in_flight"] for partition in world.status()["partitions"])
               == upgrade.UNDER_WAY, "they are under way")
    world.end("dun")
    world.redis("SAVE")
    os.makedirs(fixture)
    with open(world.directory.file("dump.rdb"), "rb") as dump, open(os.path.join(fixture, "dump.rdb"), "wb") as kept:
        kept.write(dump.read())
    return {"clock": world.now().isoformat(timespec="seconds"), "explained": upgrade.explained(world, upgrade.ACCOUNTS)}


def check_same(now, then):
    """Field by field; a newer version may say more."""
    for account, outcomes in then.items():
        check(len(now[account]) == len(outcomes), f"{account}: {len(now[account])} outcomes, and there were {len(outcomes)}")
        for new, old in zip(now[account], outcomes):
            others = {name: new.get(name) for name, value in old.items() if new.get(name) != value}
            check(not others, f"{account}: of {old} now {others}")


def go_on_with(fixture, then):
    with Directory() as directory:
        world = World(directory)
        upgrade.with_nights(world)
        try:
            upgrade.start(world, fixture=fixture)
            check_same(upgrade.explained(world, then["explained"]), then["explained"])
            return upgrade.go_on(world, then["clock"])
        except BaseException:
            world.tell()
            raise
        finally:
            world.close()


def write_fixture(fixture):
    with Directory() as directory:
        world = World(directory)
        upgrade.with_nights(world)
        try:
            then = write(world, fixture)
        except BaseException:
            world.tell()
            raise
        finally:
            world.close()
    then["sent"] = go_on_with(fixture, then)
    with open(os.path.join(fixture, "then.json"), "w") as file:
        json.dump(then, file, indent=1, ensure_ascii=False)
        file.write("\n")
    print(f"{fixture}: {sum(map(len, then['explained'].values()))} outcomes, {len(then['sent'])} messages behind them")


if sys.argv[3:4] == ["--write"]:
    write_fixture(os.path.join(FIXTURES, sys.argv[4]))
else:
    for name in sorted(os.listdir(FIXTURES)):
        path = os.path.join(FIXTURES, name)
        with open(os.path.join(path, "then.json")) as file:
            before = json.load(file)
        sent = go_on_with(path, before)
        missing = [each for each in before["sent"] if each not in sent]
        more = [each for each in sent if each not in before["sent"]]
        check(sent == before["sent"], f"{name}: not sent {missing}; sent and not by the version before {more}; {len(sent)}")
        print(f"{name}: {len(sent)} messages as before")
