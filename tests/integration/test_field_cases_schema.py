"""U10: what the commands print as JSON is what docs/output.schema.json says, and the schema is not wider than that."""
import copy
import json
import os

import jsonschema

from program import CONFIG, SOURCE, Directory, check, dun, start, stop, wait_until

with open(os.path.join(SOURCE, "docs", "output.schema.json")) as file:
    SCHEMA = json.load(file)
jsonschema.Draft202012Validator.check_schema(SCHEMA)
DAY = os.path.join(SOURCE, "tools", "sample", "day.ndjson")
SEEN = {}


def validator(name):
    return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def records(name, output, least=1):
    """Every line is a record of that sort."""
    lines = [json.loads(line) for line in output.splitlines()]
    check(len(lines) >= least, f"{name}: {output[:400]}")
    for line in lines:
        for error in validator(name).iter_errors(line):
            raise AssertionError(f"{name}: {error.message}\n{json.dumps(line, ensure_ascii=False)[:1500]}")
        SEEN.setdefault(name, set()).update(line)
    return lines


def event(number, **fields):
    return {"id": f"e{number}", "account": f"A{number}", "time": "2026-01-15T10:00:00+08:00", "msisdn": "+8613800138000",
            "zone": "Asia/Shanghai", "lang": "en", **fields}


def U10_commands_without_a_service(directory):
    outcomes = records("outcome", dun("simulate", "--config", CONFIG, "--events", DAY, "--all", "--json").split("dun simulate:")[0], 500)
    check(any(len(one.get("reasons", [])) > 1 for one in outcomes), "reasons are lists")
    check(not any("," in reason for one in outcomes for reason in one.get("reasons", [])), "a list in a text")
    records("sample_expect", dun("sample", "--accounts", "50", "--expect", "--json"))
    records("check", dun("check", "--json", "--config", CONFIG, "--without-secrets"))
    wrong = directory.file("wrong")
    os.mkdir(wrong)
    open(os.path.join(wrong, "dun.toml"), "w").write("partitions = 'x'\n")
    records("check", dun("check", "--json", "--config", wrong, expect=1))
    for arguments in (["--kind", "dunning", "--step", "1", "--lang", "en"], ["--kind", "charge"], ["--all"], ["--raw", "hello 欠费"]):
        records("text", dun("text", "--json", *([] if "--raw" in arguments else ["--config", CONFIG]), *arguments))
    records("load", dun("load", "--json", "--config", CONFIG, "--events", "50", "--fsync", "no").splitlines()[0])


def U10_commands_that_look_into_a_service(redis):
    lines = [event(1, type="payment.received", amount="50", currency="CNY"), event(2, type="credit.changed", state="nonsense"),
             event(3, type="credit.changed", state="arrears", balance="-50", currency="CNY"),
             event(4, type="credit.changed", state="arrears", balance="-50", currency="CNY", credit_level="7")]
    dun("publish", "--unchecked", *redis, text="".join(json.dumps(line) + "\n" for line in lines))
    wait_until(lambda: dun("rejected", "list", "--json", *redis), "one was rejected")
    wait_until(lambda: dun("outcomes", "--type", "notice.delivered", *redis), "a receipt came")
    outcomes = records("outcome", dun("outcomes", "--json", *redis), 6)
    refused = [one for one in outcomes if one["type"] == "event.rejected"]
    listed = records("rejected", dun("rejected", "list", "--json", *redis))
    # One vocabulary: the same words under the same names.
    check((refused[0]["field"], refused[0]["detail"]) == (listed[0]["field"], listed[0]["detail"]), f"{refused} {listed}")
    records("rejected_summary", dun("rejected", "list", "--summary", "--json", *redis))
    records("outcome", dun("explain", "A1", "--json", *redis), 2)
    status = wait_until(lambda: [one for one in [json.loads(dun("status", "--json", *redis))] if one["processes"]], "a process runs")[0]
    records("status", json.dumps(status))
    text = json.dumps(status)
    for word in ('"lost"', '"shelved"', '"held_ms"', '"reason"'):
        check(word not in text, f"{word} stands in status")


def U10_the_schema_refuses_what_is_not_so():
    """A schema that takes everything would check nothing."""
    good = {"at": "2026-01-15T02:00:00.000Z", "type": "notice.held", "reasons": ["ladder.step1"], "step": 1}
    check(validator("outcome").is_valid(good), "a right one")
    for change in ({"reasons": "ladder.step1,quiet_hours.night"}, {"at": "2026-01-15 10:00:00"}, {"step": "1"}, {"reason": "x"}, {"type": None}):
        check(not validator("outcome").is_valid({**good, **change}), f"{change} passes")
    rejected = {"id": "0:1-0", "partition": 0, "stream_id": "1-0", "at": good["at"], "field": "state", "detail": "x", "original": {}}
    check(validator("rejected").is_valid(rejected), "a right one")
    renamed = copy.deepcopy(rejected)
    renamed["reason"] = renamed.pop("detail")
    check(not validator("rejected").is_valid(renamed), "reason passes for detail")


with Directory() as scratch:
    up = start("up", "--dir", scratch.file("state"), "--config", CONFIG)
    try:
        site = ["--redis", "unix://" + scratch.file("state/redis/redis.sock")]
        wait_until(lambda: os.path.exists(scratch.file("state/stack.json")), "the stack runs")
        U10_the_schema_refuses_what_is_not_so()
        U10_commands_without_a_service(scratch)
        U10_commands_that_look_into_a_service(site)
    finally:
        code, output = stop(up)
    check(code == 0, f"exit {code}\n{output}")
    for unseen in ("outcome", "rejected", "rejected_summary", "status", "check", "text", "sample_expect", "load"):
        check(unseen in SEEN, f"nothing was held against {unseen}")
