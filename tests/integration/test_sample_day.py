"""A sample day through a gateway with every fault: all promises kept, and nothing left running."""
import os

from program import CONFIG, Directory, check, finish, start

FAULTS = "delay=20ms:0.1,429=0.01,500=0.01,reset_before=0.01,reset_after=0.01,garbage=0.01,seed=7"

with Directory() as directory:
    state = directory.file("state")
    code, output = finish(start("up", "--sample", "--once", "--accounts", "1500", "--dir", state, "--config", CONFIG,
                                "--speed", "6000", "--faults", FAULTS))
    check(code == 0 and "every promise was kept" in output, f"exit {code}\n{output}")
    check("BROKEN" not in output, output)
    check(not [name for name in os.listdir(state) if name.endswith(".pid")], "a part was left running")
