"""Field cases of the commands: whatever becomes of their output, of a second stack, of words that name no command."""
import datetime
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess

from program import CONFIG, LONGEST, PROGRAM, SOURCE, Directory, check, copy_configuration, dun, edit, free_port, start, stop, wait_until

DAY = os.path.join(SOURCE, "tools", "sample", "day.ndjson")
EVENT = {"id": "e1", "account": "A1", "type": "credit.changed", "state": "arrears", "balance": "-50", "currency": "CNY",
         "time": "2026-01-15T10:00:00+08:00", "msisdn": "+8613800138000", "zone": "Asia/Shanghai", "lang": "en"}


def run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, closed=None, text=None, cwd=None, environment=None):
    """One command with its output going where the case says; closed: a descriptor that it starts without."""
    before = (lambda: os.close(closed)) if closed is not None else None
    return subprocess.run([PROGRAM, *arguments], stdout=stdout, stderr=stderr, preexec_fn=before, input=text, text=True,
                          timeout=LONGEST, cwd=cwd, env=environment)


def pipe_without_reader():
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def every_command(redis):
    """One call of each command that prints, which ends by itself with exit code 0 when its output is taken."""
    return [["--help"], ["--version"], ["help"], ["help", "publish"], ["completion", "bash"], ["man"],
            ["check", "--config", CONFIG, "--without-secrets"], ["check", "--config", CONFIG, "--without-secrets", "--json"],
            ["check", "--config", CONFIG, "--without-secrets", "--describe"],
            ["sample", "--accounts", "20"], ["sample", "--accounts", "20", "--expect"],
            ["simulate", "--config", CONFIG, "--events", DAY],
            ["text", "--config", CONFIG], ["text", "--raw", "hello"],
            ["status", *redis], ["status", "--json", *redis], ["outcomes", *redis], ["explain", "A1", *redis],
            ["explain", "A1", "--json", *redis], ["rejected", "list", *redis], ["rejected", "list", "--json", *redis],
            ["rejected", "list", "--summary", *redis]]


def U4_every_command_survives_output_that_is_closed_or_full(redis, _):
    for arguments in every_command(redis):
        name = " ".join(arguments)
        well = run(arguments)
        check(well.returncode == 0 and well.stdout, f"{name}: {well.returncode} {well.stderr}")
        with open("/dev/full", "w") as full:
            done = run(arguments, stdout=full)
        check(done.returncode == 1 and "could not be written" in done.stderr, f"{name} > /dev/full: {done.returncode} {done.stderr}")
        done = run(arguments, stdout=None, closed=1)
        check(done.returncode == 1 and "could not be written" in done.stderr, f"{name} >&-: {done.returncode} {done.stderr}")
        writer = pipe_without_reader()
        done = run(arguments, stdout=writer)
        os.close(writer)
        check(done.returncode == 1 and "output" not in done.stderr, f"{name} | true: {done.returncode} {done.stderr}")
        # Complaints are lost; the work is done all the same.
        check(run(arguments, stderr=None, closed=2).returncode == 0, f"{name} 2>&-")
        with open("/dev/full", "w") as full:
            check(run(arguments, stderr=full).returncode == 0, f"{name} 2> /dev/full")
    line = json.dumps({**EVENT, "id": "e-u4"}) + "\n"
    check(run(["publish", *redis], stderr=None, closed=2, text=line).returncode == 0, "publish 2>&-")
    check(run(["publish", *redis], stdout=None, closed=1, text=line).returncode == 0, "publish prints nothing to lose")
    check(run(["publish", *redis], stdout=None, closed=0).returncode == 1, "publish <&- cannot read its input")
    following = subprocess.Popen([PROGRAM, "outcomes", "--follow", *redis], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    following.stdout.readline()
    following.stdout.close()
    run(["publish", *redis], text=json.dumps({**EVENT, "id": "e-u4b", "account": "A9"}) + "\n")
    check(following.wait(LONGEST) == 1, "outcomes --follow ends when nobody reads it any more")
    following.stderr.close()


def U4_servers_survive_closed_output(_, directory):
    for closed in (1, 2):
        state = directory.file(f"closed-{closed}")
        up = subprocess.Popen([PROGRAM, "up", "--dir", state, "--config", CONFIG], stdout=subprocess.DEVNULL if closed == 2 else None,
                              stderr=subprocess.DEVNULL if closed == 1 else None, preexec_fn=lambda: os.close(closed))
        socket = os.path.join(state, "redis", "redis.sock")
        wait_until(lambda: up.poll() is not None or run(["status", "--redis", "unix://" + socket]).returncode == 0, "up runs")
        check(up.poll() is None, f"up without descriptor {closed} ended: {up.returncode}")
        up.send_signal(signal.SIGTERM)
        code = up.wait(LONGEST)
        check(code == (1 if closed == 1 else 0), f"up without descriptor {closed}: exit {code}")


def U2_a_second_up_on_one_directory_is_refused(_, directory):
    state = directory.file("state")
    pid = pathlib.Path(state, "redis.pid").read_text()
    second = run(["up", "--dir", state, "--config", CONFIG])
    check(second.returncode == 1 and "is in use by process" in second.stderr, f"{second.returncode} {second.stderr}")
    check(pathlib.Path(state, "redis.pid").read_text() == pid, "the first one's files were touched")
    # By another name too, and by a sample.
    os.symlink(state, directory.file("link"))
    for name in (directory.file("link"), state + "/"):
        other = run(["up", "--sample", "--once", "--dir", name, "--config", CONFIG])
        check(other.returncode == 1 and "dun up: " in other.stderr, f"{name}: {other.returncode} {other.stderr}")


def C15_what_up_writes_is_its_users_alone(_, directory):
    state = pathlib.Path(directory.file("state"))
    for path in [state, *state.rglob("*")]:
        mode = path.lstat().st_mode
        check(stat.S_IMODE(mode) & 0o077 == 0, f"{path} is {stat.filemode(mode)}")
    names = {path.name for path in state.rglob("*")}
    check({"gateway.ndjson", "redis.conf", "serve.log"} <= names and any("aof" in name for name in names), f"{names}")


def C15_planted_links_and_foreign_directories_are_refused(_, directory):
    target = pathlib.Path(directory.file("target"))
    for planted in ("redis.conf", "lock", "redis.log", "gateway.ndjson", "redis"):
        state = pathlib.Path(directory.file("planted-" + planted.replace(".", "-")))
        (state / "redis").mkdir(parents=True)
        target.write_text("precious")
        if planted == "redis":
            (state / "redis").rmdir()
            os.symlink(directory.path, state / "redis")
        else:
            os.symlink(target, (state / "redis" if planted == "redis.conf" else state) / planted)
        done = run(["up", "--dir", str(state), "--config", CONFIG])
        check(done.returncode == 1, f"{planted}: {done.returncode} {done.stdout} {done.stderr}")
        check(target.read_text() == "precious", f"{planted} was written through")
    other = pathlib.Path(directory.file("other"))
    other.mkdir()
    (other / "thesis.txt").write_text("x")
    done = run(["up", "--dir", str(other), "--config", CONFIG])
    check(done.returncode == 1 and "holds other files" in done.stderr, f"{done.stderr}")
    (other / "thesis.txt").rename(other / "lock")
    other.chmod(0o777)
    done = run(["up", "--dir", str(other), "--config", CONFIG])
    check(done.returncode == 1 and "others could write to it" in done.stderr, f"{done.stderr}")


def U5_commands_find_the_stack_that_runs_here(_, directory):
    plain = {name: value for name, value in os.environ.items() if not name.startswith("DUN_")}
    state = directory.file("state")
    found = run(["status"], cwd=state, environment=plain)
    check(found.returncode == 0 and "looking at the stack of `dun up`" in found.stderr, f"{found.stderr}")
    # What is named counts more: a server, a configuration.
    named = run(["status", "--redis", "unix:///nowhere"], cwd=state, environment=plain)
    check(named.returncode == 1 and "nowhere" in named.stderr, f"{named.stderr}")
    config = copy_configuration(directory.file("config"))
    edit(config, "dun.toml", ("redis://127.0.0.1:6379", "unix:///nowhere-else"))
    named = run(["status", "--config", config], cwd=state, environment=plain)
    check(named.returncode == 1 and "nowhere-else" in named.stderr, f"{named.stderr}")
    # A stack that has ended is not found, though its file were left.
    dead = pathlib.Path(directory.file("dead"), "var")
    dead.mkdir(parents=True)
    (dead / "lock").write_text("1\n")
    (dead / "stack.json").write_text(json.dumps({"redis": "unix:///dead", "prefix": "dun", "config": CONFIG}))
    environment = {**plain, "DUN_CONFIG": config}
    ended = run(["status"], cwd=dead.parent, environment=environment)
    check("dead" not in ended.stderr, f"{ended.stderr}")
    with open(dead / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        alive = run(["status"], cwd=dead.parent, environment=plain)
    check(alive.returncode == 1 and "unix:///dead" in alive.stderr, f"{alive.stderr}")


def U7_words_that_name_no_command(_, directory):
    for word, hint in (("stauts", '"status"'), ("expain", '"explain"'), ("simulat", '"simulate"'), ("xyzzy", "there are: ")):
        done = run([word])
        check(done.returncode == 2 and hint in done.stderr and word in done.stderr, f"{word}: {done.stderr}")
    done = run(["rejected", "lsit"])
    check(done.returncode == 2 and '"list"' in done.stderr, done.stderr)
    for planned in ("diff", "tasks", "alerts", "apply", "policies", "forecast", "feed", "users", "ledger", "report"):
        for words in ([planned], [planned, "list", "--json"], ["help", planned]):
            done = run(words)
            check(done.returncode == 2 and "does not have that command yet" in done.stderr, f"{words}: {done.stderr}")
    for words in ([], ["publish"], ["rejected"], ["rejected", "list"]):
        check(dun("help", *words) == dun(*words, "--help"), f"help {words}")
    check(run(["help", "publsh"]).returncode == 2, "help of a word that names nothing")


def commands():
    listed = dun("--help").split("Subcommands:")[1]
    return re.findall(r"^  (\S+)", listed, re.MULTILINE)


def U12_help_is_in_one_style(_, directory):
    top = dun("--help")
    check(len(top.splitlines()) < 50, "the manual of one command fills the help of all")
    names = [[name] for name in commands()] + [["rejected", "list"], ["rejected", "requeue"]]
    check(len(names) > 15, f"{names}")
    for name in names:
        text = dun(*name, "--help")
        first = text.splitlines()[0]
        check(not first.endswith(".") and not re.match(r"\w+s\b(?<!ss)", first) and first[0].isupper(), f"{name}: {first}")
        check(re.search(r"^  (.*\| )?(source <\()?dun " + name[0], text, re.MULTILINE), f"{name} has no example:\n{text}")
        check("Example" in text, f"{name}")
        for description in re.findall(r"^  --\S+.*?  +([A-Z]\w+)", text, re.MULTILINE):
            check(description not in ("Prints", "Says", "Does", "Takes", "Shows", "Reads"), f"{name}: {description}")


def U12_completion_knows_every_command_and_option(_, directory):
    script = directory.file("completion")
    pathlib.Path(script).write_text(dun("completion", "bash"))

    def complete(*words):
        line = " ".join(f"'{word}'" for word in words)
        code = f"source {script}; COMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _dun; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True).stdout.split()

    check(sorted(complete("dun", "s")) == ["sample", "serve", "simulate", "status", "streams"], f"{complete('dun', 's')}")
    check(set(complete("dun", "rejected", "")) >= {"list", "requeue"}, "subcommands")
    check(complete("dun", "rejected", "list", "--su") == ["--summary"], "options of a subcommand")
    check(complete("dun", "up", "--sp") == ["--speed"], "options")
    for name in commands():
        check(name in complete("dun", name[:2]), name)


def U12_man_pages_say_what_the_help_says(_, directory):
    page = dun("man")
    check(page.startswith('.TH DUN 1 ""') and ".SH NAME\ndun \\-" in page, page[:200])
    for name in commands():
        check(f".SH dun {name}".replace("-", "\\-") in page, name)
        own = dun("man", name)
        check(own.startswith(f'.TH DUN\\-{name.upper()}'.replace("GATEWAY-SIM", "GATEWAY\\-SIM")), own[:80])
        for option in re.findall(r"^  (?:-h,)?(--[a-z-]+)", dun(name, "--help"), re.MULTILINE):
            check(option.replace("-", "\\-") in own, f"{name} {option}")


def U11_numbers_out_of_bounds_are_said_in_words(_, directory):
    for arguments in (["up", "--speed", "0"], ["up", "--speed", "-3"], ["rejected", "list", "--limit", "-1"], ["load", "--segments", "0"],
                      ["load", "--rate", "-1"], ["sample", "--seed", "-1"], ["gateway-sim", "--rate", "-1"], ["gateway-sim", "--keep", "-1"]):
        done = run(arguments)
        check(done.returncode == 2 and "expected" in done.stderr and len(done.stderr) < 200, f"{arguments}: {done.stderr}")
        check(arguments[-1] in done.stderr, f"{arguments}: the value is not quoted: {done.stderr}")
    check(run(["serve", "--log-level", "loud"]).returncode == 2, "a level that is none")


def U11_a_step_that_has_no_text_is_not_another_one(_, directory):
    for kind, step, lang in (("dunning", "9", "en"), ("dunning", "4", "zh-CN"), ("charge", "2", "en")):
        done = run(["text", "--config", CONFIG, "--kind", kind, "--step", step, "--lang", lang])
        check(done.returncode == 2 and not done.stdout and "step" in done.stderr, f"{kind} {step}: {done.stdout} {done.stderr}")
    for step in ("1", "2", "3"):
        dun("text", "--config", CONFIG, "--kind", "dunning", "--step", step, "--lang", "en")


def U11_load_leaves_nothing_behind_when_interrupted(_, directory):
    scratch = directory.file("tmp")
    os.mkdir(scratch)
    load = subprocess.Popen([PROGRAM, "load", "--config", CONFIG, "--events", "1000000", "--rate", "50"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": scratch})
    wait_until(lambda: list(pathlib.Path(scratch).glob("*/stack.json")), "the stack of load runs")
    load.send_signal(signal.SIGINT)
    _, err = load.communicate(timeout=LONGEST)
    check(load.returncode == 1 and "interrupted" in err, f"{load.returncode} {err}")
    check(os.listdir(scratch) == [], f"{os.listdir(scratch)}")


def C8_foreign_text_is_made_visible(redis, directory):
    evil = "e\x1b[2J\nTold: yes\x9b\u202e"
    line = json.dumps({**EVENT, "id": evil, "state": "arrears\x1b[31m", "k\x1b\ney": "v"}) + "\n"
    check(run(["publish", "--unchecked", *redis], text=line).returncode == 0, "published")
    wait_until(lambda: "arrears" in dun("rejected", "list", *redis), "it was rejected")
    refused = run(["publish", *redis], text=json.dumps({**EVENT, "id": "x", "account": "a\x1b[2J\nb"}) + "\n" + '{"a\x1b[2J":{}}\n')
    outputs = [refused.stderr, dun("explain", "A1", *redis)]
    for arguments in (["rejected", "list"], ["rejected", "list", "--json"], ["rejected", "list", "--summary"], ["outcomes"],
                      ["explain", "A1", "--json"]):
        outputs.append(dun(*arguments, *redis))
    for output in outputs:
        check(not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", output), repr(output[:2000]))
        check("\nTold: yes\\" not in output, output)
    listed = json.loads(dun("rejected", "list", "--json", *redis).splitlines()[-1])
    check(listed["original"]["id"] == evil, f"{listed}")
    log = pathlib.Path(directory.file("state"), "serve.log").read_text()
    check("\x9b" not in log and "\u202e" not in log, "the log")


def U8_a_reload_says_what_it_read_and_what_takes_a_restart(redis, directory):
    config = copy_configuration(directory.file("reload"))
    gateways = [gateway_simulator(directory, number) for number in (1, 2)]
    url = pathlib.Path(config, "gateway-url")
    url.write_text(gateways[0].url)
    edit(config, "gateways.toml", ('url = "{env:DUN_SIM_URL:-http://127.0.0.1:13013/send}"', 'url = "{file:gateway-url}"'))
    env = {**os.environ, "DUN_SIM_URL": "http://127.0.0.1:1/send", "DUN_RECEIPTS_URL": "http://127.0.0.1:1"}
    serve = subprocess.Popen([PROGRAM, "serve", "--config", config, *redis, "--prefix", "reload", "--listen", "127.0.0.1:0"],
                             stderr=subprocess.PIPE, text=True, env=env)

    def lines_until(words):
        lines = []
        for line in serve.stderr:
            lines.append(line)
            if words in line:
                return lines
        raise AssertionError("".join(lines))

    def reload_and_read(marker):
        """The log up to what the next reload, which is refused, says."""
        serve.send_signal(signal.SIGHUP)
        lines = lines_until("read again and in force")
        edit(config, "policies.toml", ('default_zone = "Asia/Shanghai"', f'default_zone = "{marker}"'))
        serve.send_signal(signal.SIGHUP)
        lines += lines_until("not read again")
        edit(config, "policies.toml", (f'default_zone = "{marker}"', 'default_zone = "Asia/Shanghai"'))
        return "".join(lines)

    try:
        lines_until("running owner=")
        text = reload_and_read("Nowhere/One")
        check("policies, monitors, people and texts" in text and "after a restart" not in text, text)
        edit(config, "gateways.toml", ("[routing]", "# a remark\n[routing]"))
        check("after a restart" not in reload_and_read("Nowhere/Two"), "a remark is no change")
        # A secret that a file holds: the files of the configuration say what they said.
        pay(redis, "p1")
        wait_until(lambda: gateways[0].messages() == 1, "the first gateway has it")
        url.write_text(gateways[1].url)
        text = reload_and_read("Nowhere/Three")
        check("gateways read again and in force" in text and "after a restart" not in text, text)
        pay(redis, "p2")
        wait_until(lambda: gateways[1].messages() == 1, "the other gateway has it")
        check(gateways[0].messages() == 1, "and the first one no more")
        check("gateways read again" not in reload_and_read("Nowhere/Four"), "nothing has changed")
        edit(config, "gateways.toml", ("rate = 200", "rate = 201"))
        url.write_text(gateways[0].url)
        text = reload_and_read("Nowhere/Five")
        check("gateways.toml has changed in what the engine counts on" in text and "after a restart" in text, text)
        check("dun.toml has changed" not in text and "gateways read again" not in text, text)
        pay(redis, "p3")
        wait_until(lambda: gateways[1].messages() == 2, "all or nothing")
        edit(config, "dun.toml", ("parts_max = 4", "parts_max = 5"))
        text = reload_and_read("Nowhere/Six")
        check("texts read again and in force" in text and "dun.toml has changed" not in text, text)
        edit(config, "dun.toml", ("batch_max = 256", "batch_max = 255"))
        check("dun.toml has changed" in reload_and_read("Nowhere/Seven"), "dun.toml")
    finally:
        for process in (serve, *(gateway.process for gateway in gateways)):
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=LONGEST)


class gateway_simulator:
    """One of several, with a record of its own."""

    def __init__(self, directory, number):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/send"
        self.record = pathlib.Path(directory.file(f"gateway-{number}.ndjson"))
        self.process = start("gateway-sim", "--port", str(port), "--record", str(self.record))

    def messages(self):
        return len(self.record.read_text().splitlines()) if self.record.exists() else 0


def pay(redis, name):
    event = {"id": name, "account": "P1", "type": "payment.received", "amount": "5", "currency": "CNY",
             "time": datetime.datetime.now(datetime.timezone.utc).isoformat(), "msisdn": "+8613800138000", "lang": "en"}
    done = run(["publish", *redis, "--prefix", "reload"], text=json.dumps(event) + "\n")
    check(done.returncode == 0, done.stderr)


def U9_people_are_told_local_times_and_their_zone(redis, _):
    status = dun("status", *redis)
    check("times    in Asia/Shanghai" in status, status)
    check(not re.search(r"\dT\d\d:", status), status)
    check(re.search(r"from \d{4}-\d\d-\d\d \d\d:\d\d:\d\d to \S+ \S+ Asia/Shanghai", dun("rejected", "list", "--summary", *redis)), "rejected")
    machine = json.loads(dun("status", "--json", *redis))
    check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", machine["processes"][0]["now"]), f"{machine['processes'][0]['now']}")


def D17_what_lies_far_ahead_is_shown_or_counted(_, directory):
    config = copy_configuration(directory.file("far"))
    edit(config, "policies.toml", ("after_days = [0, 3, 7]", "after_days = [0, 90, 365]"))
    events = directory.file("far.ndjson")
    pathlib.Path(events).write_text(json.dumps(EVENT) + "\n")

    def steps(*until):
        done = run(["simulate", "--config", config, "--events", events, *until])
        check(done.returncode == 0, done.stderr)
        sent = [json.loads(line) for line in done.stdout.splitlines()]
        return [one["step"] for one in sent if one["type"] == "notice.sent"], done.stderr

    told, said = steps()
    check(told == [1, 2, 3] and "still to come" not in said, f"{told} {said}")
    told, said = steps("--until", "2026-04-20T00:00:00+08:00")
    check(told == [1, 2] and "stopped at 2026-04-19T16:00:00.000Z, 1 still to come" in said, f"{told} {said}")
    told, said = steps("--until", "2027-06-01T00:00:00+08:00")
    check(told == [1, 2, 3] and "still to come" not in said, f"{told} {said}")


def copy_zones(directory):
    """The time zones of this machine, of a version of our own."""
    zones = pathlib.Path(directory)
    shutil.copytree("/usr/share/zoneinfo", zones, ignore=shutil.ignore_patterns("right", "posix", "localtime"))
    (zones / "tzdata.zi").write_text("# version 2031a\n")
    return zones


def D13_a_zone_file_that_ends_early_is_refused_with_its_name(_, directory):
    zones = copy_zones(directory.file("short"))
    env = {**os.environ, "TZDIR": str(zones)}
    args = [PROGRAM, "check", "--config", CONFIG, "--without-secrets"]
    done = subprocess.run(args, env=env, capture_output=True, text=True)
    check(done.returncode == 0 and "time zones   2031a, files of " in done.stdout, done.stdout + done.stderr)
    done = subprocess.run([*args, "--json"], env=env, capture_output=True, text=True)
    check(json.loads(done.stdout)["zones"] == "2031a", done.stdout)
    shanghai = zones / "Asia/Shanghai"
    whole = shanghai.read_bytes()
    shanghai.unlink()
    shanghai.write_bytes(whole[:-3])
    done = subprocess.run(args, env=env, capture_output=True, text=True)
    said = done.stdout + done.stderr
    check(done.returncode == 1 and f"{shanghai}: " in said, said)


def D25_new_zone_files_are_in_force_after_a_reload(redis, directory):
    zones = copy_zones(directory.file("zones"))
    config = copy_configuration(directory.file("zones-config"))
    env = {**os.environ, "DUN_SIM_URL": "http://127.0.0.1:1/send", "DUN_RECEIPTS_URL": "http://127.0.0.1:1",
           "TZDIR": str(zones)}
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    site = [*redis, "--prefix", "zones"]
    serve = subprocess.Popen([PROGRAM, "serve", "--config", config, *site, "--listen", "127.0.0.1:0",
                              "--clock", f"2026-03-02T23:00:00+08:00,{now},1"], stderr=subprocess.PIPE, text=True, env=env)

    def held_until():
        """As the journal has it, the last one behind the others."""
        told = run(["explain", "A1", "--json", *site], environment=env).stdout.splitlines()
        return [one["due_at"] for one in map(json.loads, told) if one.get("type") == "notice.held"]

    def line_with(words):
        for line in serve.stderr:
            if words in line:
                return line
        raise AssertionError(words)

    def status():
        return json.loads(run(["status", *redis, "--prefix", "zones", "--json"]).stdout)["processes"]

    def replace(name, content):
        (zones / "new").write_bytes(content)
        os.replace(zones / "new", zones / name)

    try:
        check("time zones are those of 2031a" in line_with("time zones are"), "at the start")
        wait_until(lambda: [one.get("zones") for one in status()] == ["2031a"], "status shows the version")
        check("time zones 2031a, files of " in run(["status", *redis, "--prefix", "zones"]).stdout, "in words too")
        night = {**EVENT, "time": "2026-03-02T22:59:00+08:00"}
        check(run(["publish", *site], text=json.dumps(night) + "\n").returncode == 0, "published")
        wait_until(lambda: held_until() == ["2026-03-02T23:00:00.000Z"], "it waits for the end of the night")
        replace("Asia/Shanghai", (zones / "Asia/Tokyo").read_bytes())
        replace("tzdata.zi", b"# version 2031b\n")
        serve.send_signal(signal.SIGHUP)
        line = line_with("time zones are now")
        check("2031b" in line and "changed=Asia/Shanghai" in line, line)
        wait_until(lambda: held_until()[-1] == "2026-03-02T22:00:00.000Z", "the night ends earlier for what waits, too")
        wait_until(lambda: [one.get("zones") for one in status()] == ["2031b"], "status shows the new version")
        replace("Asia/Shanghai", b"TZif")
        serve.send_signal(signal.SIGHUP)
        check("Asia/Shanghai: " in line_with("a time zone keeps the rules that it had"), "named")
        line_with("read again and in force")  # the configuration, with the rules of before
    finally:
        serve.send_signal(signal.SIGTERM)
        serve.communicate(timeout=LONGEST)


with Directory() as scratch:
    up = start("up", "--dir", scratch.file("state"), "--config", CONFIG)
    try:
        site = ["--redis", "unix://" + scratch.file("state/redis/redis.sock")]
        wait_until(lambda: run(["status", *site]).returncode == 0, "the installation was made")
        check(run(["publish", *site], text=json.dumps(EVENT) + "\n").returncode == 0, "published")
        wait_until(lambda: run(["explain", "A1", *site]).returncode == 0, "the account is known")
        run(["publish", "--unchecked", *site], text=json.dumps({**EVENT, "id": "bad", "state": "arears"}) + "\n")
        wait_until(lambda: dun("rejected", "list", *site), "the malformed one was rejected")
        wanted = os.environ.get("CASES", "")
        for name, case in [(name, value) for name, value in list(globals().items()) if re.match(r"[UCD]\d+_", name)]:
            if wanted in name:
                print(name, flush=True)
                case(site, scratch)
    finally:
        code, output = stop(up)
    check(code == 0, f"exit {code}\n{output}")
