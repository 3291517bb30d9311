"""kill -9 of the daemon in the middle of the sample: it is started again, nothing is lost and nothing sent twice."""
import os
import signal

from program import CONFIG, Directory, check, finish, start, wait_until

KILLS = 3

with Directory() as directory:
    state = directory.file("state")
    up = start("up", "--sample", "--once", "--accounts", "1500", "--dir", state, "--config", CONFIG, "--speed", "6000")

    def messages():
        try:
            with open(os.path.join(state, "gateway.ndjson"), "rb") as record:
                return sum(1 for _ in record)
        except FileNotFoundError:
            return 0

    def pid():
        with open(os.path.join(state, "serve.pid")) as file:
            return int(file.read() or 0)

    killed = set()
    for kill in range(KILLS):
        seen = messages()
        wait_until(lambda: messages() >= seen + 150, "messages reach the gateway")
        # The one that runs now, not one that was killed before.
        victim = wait_until(lambda: pid() if pid() not in killed else 0, "the daemon was started again")
        killed.add(victim)
        os.kill(victim, signal.SIGKILL)
    code, output = finish(up)
    check(output.count("serve ended with status 137") == KILLS, output)
    check(code == 0 and "every promise was kept" in output, f"exit {code}\n{output}")
