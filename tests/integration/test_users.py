"""The Redis users that docs/operations.md names may do what they are for, and nothing else."""
import json
import os
import re

from program import SOURCE, Directory, check, dun, wait_until
from replicated import RedisNode, Service

PASSWORD = "correct-horse"

with Directory() as directory, \
        RedisNode(directory, "redis", ["maxmemory-policy noeviction"], "of-the-administrator") as redis:
    with open(os.path.join(SOURCE, "docs", "operations.md")) as file:
        lines = re.findall(r"^ACL SETUSER (\w+) (.*)$", file.read(), re.MULTILINE)
    check([name for name, _ in lines] == ["dun", "billing", "reader"], f"users {lines}")
    for name, rules in lines:
        check("OK" in redis.cli("ACL", "SETUSER", name, *rules.replace("PASSWORD", PASSWORD).split()), name)

    def url(user):
        return f"redis://{user}:{PASSWORD}@127.0.0.1:{redis.port}"

    def cli(user, *command):
        return redis.cli("--user", user, "--pass", PASSWORD, "--no-auth-warning", *command, expect=None)

    with Service(directory, url("dun"), partitions=2) as service:
        events = [json.dumps({"id": f"e{i}", "account": f"A{i}", "type": "payment.received", "amount": "5", "currency": "CNY",
                              "time": "2026-01-15T10:00:00+08:00", "msisdn": "+8613800138000", "zone": "Asia/Shanghai", "lang": "en"})
                  for i in range(4)]
        numbered = directory.file("events.ndjson")
        with open(numbered, "w") as file:
            file.write("\n".join(events[:2]) + "\n")
        dun("publish", "--redis", url("billing"), "--resume", numbered)
        check("0 events published" in dun("publish", "--redis", url("billing"), "--resume", numbered), "published twice")
        dun("publish", "--redis", url("billing"), "--direct", text=events[2] + "\n")
        dun("publish", "--redis", url("billing"), "--unchecked", text=events[3] + "\n" + '{"id": "bad"}\n')
        refused = dun("publish", "--redis", url("billing"), "--resume", numbered, expect=1)
        check("an id that Redis made" in refused, refused)
        wait_until(lambda: len(service.messages()) == 4, "the messages are sent")

        reader = ["--redis", url("reader")]
        wait_until(lambda: "bad" in dun("rejected", "list", *reader), "the malformed event is listed")
        check("events   4 applied" in dun("status", *reader), "status")
        check("notice.sent" in dun("outcomes", *reader), "outcomes")
        check("payment_received" in dun("explain", "A1", *reader), "explain")
        dun("rejected", "requeue", "--all", "--redis", url("dun"))
        check("notice.sent" in cli("billing", "XRANGE", "dun:{0}:outcomes", "-", "+") + cli("billing", "XRANGE", "dun:{1}:outcomes", "-", "+"),
              "billing reads the public outcomes")
        log = redis.cli("ACL", "LOG")
        check(log.strip() in ("", "(empty array)"), f"something was denied: {log}")

        for user, *command in [("dun", "SET", "other", "x"), ("dun", "FLUSHALL"), ("dun", "EVAL", "return 1", "0"), ("dun", "CONFIG", "SET", "save", ""),
                               ("dun", "ACL", "LIST"), ("billing", "HGETALL", "dun:{0}:meta"), ("billing", "XRANGE", "dun:{0}:journal", "-", "+"),
                               ("billing", "DEL", "dun:events"), ("billing", "XTRIM", "dun:events", "MAXLEN", "0"),
                               ("billing", "SET", "dun:{0}:lease", "x"), ("reader", "XADD", "dun:events", "*", "a", "b"),
                               ("billing", "GET", "dun/key"), ("reader", "GET", "dun/key"), ("reader", "DEL", "dun:events"), ("reader", "GET", "other"), ("reader", "KEYS", "*")]:
            check("NOPERM" in cli(user, *command), f"{user} may {command}")
        service.stop()
