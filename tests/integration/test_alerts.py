"""Two processes see one gateway stand still: it is told once, and once that it is over, although one of them dies of it.

usage: test_alerts.py PROGRAM SOURCE
"""
from outage import World
from program import PROGRAM, Directory, check, free_port, wait_until

SPEED = 120
NOTICES = 60


def debt(number):
    return {"id": f"d{number}", "type": "credit.changed", "account": f"A{number}", "state": "arrears", "balance": "-12.50",
            "currency": "CNY", "time": "2026-03-02T10:00:00+08:00", "msisdn": f"+86138{number:08}"}


def run(world):
    world.start_redis()
    world.start_gateway()
    world.run_clock_from("2026-03-02T10:00:00+08:00", SPEED)
    world.start_dun()
    port = free_port()
    world.start("dun-2", PROGRAM, "serve", "--config", world.config, "--owner", "dun-2", "--listen", f"127.0.0.1:{port}",
                "--clock", world.clock)
    owners = lambda: {partition["owner"] for partition in (world.status() or {"partitions": []})["partitions"]}
    wait_until(lambda: owners() == {"dun-1", "dun-2"}, "both own partitions")
    world.end("gateway")
    world.publish([debt(number) for number in range(NOTICES)])
    sees = lambda port: "alert monitor.gateway" in (world.ask(port, "/healthz") or (0, ""))[1]
    wait_until(lambda: sees(world.console_port) and sees(port), "both see that the gateway takes nothing")

    def told():
        return [one["type"] for one in world.outcomes("alert.*") if "monitor.gateway" in one["reasons"]]
    # It is put out again and again that they see it: that is no news.
    wait_until(lambda: told() == ["alert.raised"], "it is told once")
    begun = world.now()
    wait_until(lambda: (world.now() - begun).total_seconds() > 3600, "they have said it again")
    check(told() == ["alert.raised"], f"told again: {told()}")

    world.end("dun")
    world.start_gateway()
    wait_until(lambda: len(world.messages()) == NOTICES, "all are told")
    wait_until(lambda: told() == ["alert.raised", "alert.cleared"], "it is over for both")
    waiting = [world.redis("HLEN", key) for key in world.redis("KEYS", "dun:*:posts").split()]
    check(all(count == "0" for count in waiting), f"posts are left: {waiting}")
    world.stop("dun-2")
    print("two saw it, one died of it: raised once, cleared once")


with Directory() as directory:
    world = World(directory)
    try:
        run(world)
    except BaseException:
        world.tell()
        raise
    finally:
        world.close()
