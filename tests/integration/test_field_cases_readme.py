"""U5: the README's commands, as they are printed, in the order in which they stand there."""
import os
import pathlib
import re
import signal
import subprocess

from program import LONGEST, PROGRAM, SOURCE, Directory, check, wait_until


def blocks():
    """The blocks of the README that are for a shell, each as the commands in it."""
    text = pathlib.Path(SOURCE, "README.md").read_text()
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield re.sub(r"\\\n", "", block).splitlines()


def a_checkout(directory):
    """What a built checkout looks like to the commands."""
    root = pathlib.Path(directory.file("dun"))
    (root / "build" / "release").mkdir(parents=True)
    (root / "build" / "release" / "dun").symlink_to(PROGRAM)
    for name in ("config", "tools"):
        (root / name).symlink_to(os.path.join(SOURCE, name))
    return root


def U5_the_commands_of_the_readme_work_as_printed(directory):
    root = a_checkout(directory)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DUN_")}
    up, ran = None, []

    def shell(command):
        return subprocess.run(["bash", "-c", command], cwd=root, env=environment, capture_output=True, text=True, timeout=LONGEST)

    try:
        for commands in blocks():
            for command in commands:
                if re.fullmatch(r"build/release/dun up", command):
                    up = subprocess.Popen(command.split(), cwd=root, env=environment, stdout=subprocess.PIPE,
                                          stderr=subprocess.DEVNULL, text=True)
                    wait_until((root / "var" / "stack.json").exists, "everything runs")
                    banner = "".join(up.stdout.readline() for _ in range(6))
                    check(f"export DUN_REDIS=unix://{root}/var/redis/redis.sock" in banner, banner)
                    continue
                # The account of an event is known a moment after it was published.
                wait_until(lambda: shell(command).returncode == 0, f"works: {command}")
                ran.append(command)
        check(up is not None and len(ran) > 8, f"the README says less than it did: {ran}")
        # What the banner says is enough anywhere else.
        export = re.search(r"export (DUN_REDIS=\S+)", banner).group(1)
        elsewhere = subprocess.run(["bash", "-c", f"export {export}; {PROGRAM} explain A0000042"], cwd="/", env=environment,
                                   capture_output=True, text=True, timeout=LONGEST)
        check(elsewhere.returncode == 0 and "A0000042" in elsewhere.stdout, f"{elsewhere.stderr}")
    finally:
        if up is not None:
            up.send_signal(signal.SIGTERM)
            up.communicate(timeout=LONGEST)
    check(up.returncode == 0, f"exit {up.returncode}")


with Directory() as scratch:
    U5_the_commands_of_the_readme_work_as_printed(scratch)
