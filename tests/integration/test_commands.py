"""What billing, operators and service staff do, against a running service."""
import json
import os
import subprocess

from program import CONFIG, PROGRAM, Directory, check, dun, start, stop, wait_until


def event(number, **fields):
    base = {"id": f"e{number}", "account": "A1", "time": "2026-01-15T10:00:00+08:00", "msisdn": "+8613800138000",
            "zone": "Asia/Shanghai", "lang": "en", "currency": "CNY"}
    return json.dumps({**base, **fields}) + "\n"


with Directory() as directory:
    state = directory.file("state")
    up = start("up", "--dir", state, "--config", CONFIG)
    socket = os.path.join(state, "redis", "redis.sock")
    try:
        redis = ["--redis", "unix://" + socket]
        wait_until(lambda: subprocess.run([PROGRAM, "status", *redis], capture_output=True).returncode == 0,
                   "the installation was made")

        # Payments are answered at any hour. The second line is not JSON, the third is malformed and goes all the same.
        lines = event(1, type="payment.received", amount="50") + "not json\n" + event(2, type="credit.changed", state="nonsense")
        told = dun("publish", "--unchecked", *redis, text=lines, expect=1)
        check("stdin:2: error:" in told and "2 events published; 1 line was not" in told, told)

        def delivered():
            return dun("outcomes", "--type", "notice.delivered", *redis)
        outcome = json.loads(wait_until(delivered, "the receipt came").splitlines()[0])
        check(outcome["account"] == "A1" and outcome["kind"] == "payment_received", str(outcome))
        story = dun("explain", "A1", *redis)
        check("Told: yes, 1 notice sent" in story and "payment_received delivered" in story, story)
        dun("explain", "nobody", *redis, expect=1)
        dun("explain", "no account", *redis, expect=2)

        rejected = wait_until(lambda: dun("rejected", "list", "--json", *redis), "the malformed event was rejected")
        entry = json.loads(rejected.splitlines()[0])
        check(entry["field"] == "state" and entry["original"]["id"] == "e2", rejected)
        check("1 event requeued" in dun("rejected", "requeue", entry["id"], *redis), "requeue")
        again = wait_until(lambda: dun("rejected", "list", "--json", *redis), "it was rejected again")
        check(json.loads(again.splitlines()[0])["original"] == entry["original"], again)

        # The simplest producer of all.
        subprocess.run(["redis-cli", "-s", socket, "XADD", "dun:events", "*", "id", "e3", "type", "payment.received",
                        "account", "A2", "time", "2026-01-15T10:00:00+08:00", "msisdn", "+8613800138001"],
                       check=True, capture_output=True)
        wait_until(lambda: dun("outcomes", "--account", "A2", "--type", "notice.sent", *redis), "the front door was routed")
        # One that writes an event and nothing more for now: it does not wait for the next.
        producer = subprocess.Popen([PROGRAM, "publish", *redis], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        producer.stdin.write(event(4, account="A3", type="payment.received", amount="5"))
        producer.stdin.flush()
        wait_until(lambda: dun("outcomes", "--account", "A3", "--type", "notice.sent", *redis), "what was written is published")
        told = producer.communicate()[1]
        check("1 event published" in told and producer.returncode == 0, told)

        status = json.loads(dun("status", "--json", *redis))
        check(sum(p["applied"] for p in status["partitions"]) == 3, str(status))
        check(status["processes"] and status["processes"][0]["gateways"][0]["breaker"] == "closed", str(status["processes"]))
    finally:
        code, output = stop(up)
    check(code == 0, f"exit {code}\n{output}")
