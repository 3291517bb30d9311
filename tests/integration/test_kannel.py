"""Against a real Kannel: every text arrives octet for octet, once, in order; receipts come back; a stop only delays.

Kannel itself may reorder what it has taken (its queue to an SMSC prefers the newer second), so order is looked at where
it takes requests, and everything else at the SMSC behind it.
"""
import collections
import itertools
import json
import os
import re
import shutil
import subprocess
import time

from kannel import BASIC, EXTENSION, GSM7, PASSWORD, UCS2, USER, Kannel, Smsc, decode
from program import CONFIG, PROGRAM, Directory, check, dun, start, stop, wait_until

# Accounts, with two notices each, that are published before the stop, around it, and while Kannel is away.
BEFORE, AROUND, DURING = 500, 700, 300
CONNECTIONS = 16
# SMS at the SMSC before the stop begins; those of the second wave that follow do not all fit into Kannel's queues.
MIDDLE = 400

WAYS = list(itertools.product(("en", "zh-CN"), range(1, 5)))  # language, segments
AMOUNT = {"dunning": "owed", "payment_received": "amount"}
PLACE = {"dunning": 1, "payment_received": 2}  # among the notices of its account

GATEWAYS = f"""\
[gateways.kannel]
preset = "kannel"
values = {{ user = "{USER}", password = "{PASSWORD}" }}
[gateways.kannel.request]
url = "{{env:KANNEL_URL:-http://127.0.0.1:13013/cgi-bin/sendsms}}"
[gateways.kannel.receipts]
path = "/receipts/kannel"
public_url = "{{env:DUN_RECEIPTS_URL:-http://127.0.0.1:8620}}"
sources = ["127.0.0.1"]
[gateways.kannel.unknown]
rule = "wait_receipt"
receipt_wait = "20s"
[gateways.kannel.transport]
connections = {CONNECTIONS}
[gateways.kannel.flow]
rate = 800
ramp = "1s"
throttle_pause = "1s"
breaker_pause = "1s"
breaker_pause_max = "1s"
[routing]
default = "kannel"
"""

# What URLs, the %-codes of Kannel, or one of the alphabets could trip over.
URLISH = "100%d %25 a+b=c&d;e?f#g/h \"q\" 'r' <s>\n"
EXTENDED = "[ ] { } \\ ^ ~ | € \f"
CHINESE = "尊敬的客户：“充值”——谢谢😀𠮷\n"


def septets(text):
    return len(text) + sum(text.count(each) for each in EXTENSION.values())


def utf16_units(text):
    return len(text.encode("utf-16-be")) // 2


def words(lang, parts):
    """What a text says besides account, time and amount: so much that the whole ends amid its last segment."""
    if lang == "en":
        text = EXTENDED + URLISH + (BASIC.replace("\x1b", "") if parts > 1 else "")
        filler, size, enough = "{€}x", septets, 90 if parts == 1 else 153 * parts - 125
    else:
        text = EXTENDED + ("%d&😀" if parts == 1 else CHINESE + URLISH)
        filler, size, enough = "欠费😀", utf16_units, 20 if parts == 1 else 67 * parts - 68
    while size(text) < enough:
        text += filler
    return text + "!"


def message_pattern(lang, parts, kind):
    quoted = words(lang, parts).replace("'", "''").replace("{", "'{'").replace("}", "'}'")
    amount = AMOUNT[kind]
    return (f"{{account}}/{PLACE[kind]} {{event_time, date, ::MMMdHmm}}{{{amount}, select, none {{}} "
            f"other {{ {{{amount}, number, ::unit-width-iso-code}}}}}} {quoted}")


def write_configuration(directory):
    """No quiet hours, so that the hour at which the test runs does not matter, and long texts, one for each brand."""
    shutil.copytree(os.path.join(CONFIG, "messages"), os.path.join(directory, "messages"))
    for (lang, parts), kind in itertools.product(WAYS, AMOUNT):
        table = f"brand.b{parts}.{kind}" + (".1" if kind == "dunning" else "")
        text = json.dumps(message_pattern(lang, parts, kind), ensure_ascii=False)
        with open(os.path.join(directory, "messages", lang + ".toml"), "a", encoding="utf-8") as file:
            file.write(f"\n[{table}]\ntext = {text}\n")
    shutil.copy(os.path.join(CONFIG, "people.toml"), directory)
    for name, text in (("dun.toml", "[redis]\npartitions = 4\n"), ("policies.toml", "[quiet_hours]\nkinds = []\n"),
                       ("gateways.toml", GATEWAYS)):
        with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
            file.write(text)
    dun("check", "--config", directory)


class Account:
    def __init__(self, number):
        self.lang, self.parts = WAYS[number % len(WAYS)]
        # Names of several lengths move the cuts between segments along the text.
        self.name = f"k{number}" + ("", "@x", "+1", ":.b-_")[number // len(WAYS) % 4]
        self.msisdn = f"+86138{number:08}"

    def events(self):
        """Arrears and a part payment: a dunning notice, then a thank-you."""
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        base = {"account": self.name, "time": now, "currency": "CNY"}
        yield {**base, "id": self.name + "/1", "type": "credit.changed", "state": "arrears", "balance": "-100.50",
               "lang": self.lang, "brand": f"b{self.parts}", "zone": "Asia/Shanghai", "msisdn": self.msisdn}
        yield {**base, "id": self.name + "/2", "type": "payment.received", "amount": "40.25", "balance": "-60.25"}


class Service:
    """The running daemon, as its users see it."""

    def __init__(self, redis):
        self._redis = ["--redis", redis]

    def answers(self):
        return subprocess.run([PROGRAM, "status", *self._redis], capture_output=True).returncode == 0

    def breaker(self):
        return json.loads(dun("status", "--json", *self._redis))["processes"][0]["gateways"][0]["breaker"]

    def publish(self, accounts):
        events = itertools.chain.from_iterable(account.events() for account in accounts)
        dun("publish", *self._redis, text="".join(json.dumps(event) + "\n" for event in events))

    def outcomes(self, *types):
        named = itertools.chain.from_iterable(("--type", name) for name in types)
        return [json.loads(line) for line in dun("outcomes", *named, *self._redis).splitlines()]

    def delivered(self):
        return {outcome["notice"] for outcome in self.outcomes("notice.delivered")}

    def unanswered(self):
        """Whose request had no usable answer: taken or not. Without a receipt it is sent once more."""
        return {outcome["notice"] for outcome in self.outcomes("notice.unknown")}

    def wait_until_delivered(self, accounts):
        count = 2 * len(accounts)
        wait_until(lambda: len(self.delivered()) >= count, f"{count} notices were delivered")


def check_arrived(service, accounts, messages):
    """What Dun says to have sent is at the SMSC, once, and it is what the configuration wants said."""
    by_name = {account.name: account for account in accounts}
    sent = service.outcomes("notice.sent")
    check(len(sent) == 2 * len(accounts) and
          {(outcome["account"], outcome["kind"]) for outcome in sent} == set(itertools.product(by_name, AMOUNT)),
          "not every account was sent its two notices")
    check(service.delivered() == {outcome["notice"] for outcome in sent}, "receipts for others than were sent")

    unanswered = service.unanswered()
    arrived = collections.Counter(("+" + each.to, each.coding, each.total, decode(each)) for each in messages)
    for outcome in sent:
        account = by_name[outcome["account"]]
        check(words(account.lang, account.parts) in outcome["text"], f"words are missing: {outcome}")
        coding = GSM7 if account.lang == "en" else UCS2
        copies = arrived.pop((account.msisdn, coding, account.parts, outcome["text"]), 0)
        check(copies == 1 or (copies == 2 and outcome["notice"] in unanswered), f"arrived {copies} times: {outcome}")
        check(outcome["to"] == account.msisdn and outcome["parts"] == account.parts, str(outcome))
    check(not arrived, f"nobody sent {list(arrived.items())[:3]}")


def check_order(kannel, accounts):
    """Kannel was asked for the notices of each account in their order, a refused one again before the next."""
    asked = collections.defaultdict(list)
    for name, place in re.findall(r"request: '\W*(k[^ ]*)/([12]) ", kannel.read("access.log")):
        asked[name].append(int(place))
    check(set(asked) == {account.name for account in accounts}, "Kannel was asked for other accounts")
    for name, places in asked.items():
        check(places == sorted(places) and set(places) == {1, 2}, f"{name} was sent {places}")


def story(smsc, kannel, service):
    accounts = [Account(number) for number in range(BEFORE + AROUND + DURING)]
    before, around, during = accounts[:BEFORE], accounts[BEFORE:BEFORE + AROUND], accounts[BEFORE + AROUND:]

    service.publish(before)
    service.wait_until_delivered(before)
    check(not service.unanswered(), "a request had no answer although nothing was wrong")
    check_arrived(service, before, smsc.messages())

    # The SMSC takes no more, so that Kannel, stopped, need not guess what has been taken. Its queues fill up meanwhile.
    so_far = smsc.parts()
    service.publish(around)
    wait_until(lambda: smsc.parts() >= so_far + MIDDLE, "the sending was under way")
    smsc.hold()
    wait_until(lambda: len(service.delivered()) == len(smsc.messages()), "the receipts so far were in")
    kannel.stop_bearerbox()
    service.publish(during)
    wait_until(lambda: service.breaker() != "closed", "the feeding stopped")
    arrived, sent, unanswered = len(smsc.messages()), len(service.outcomes("notice.sent")), service.unanswered()
    check(sent < 2 * (BEFORE + AROUND), "the stop came after everything had been handed over")
    kannel.start()
    smsc.release()

    service.wait_until_delivered(accounts)
    check(service.unanswered() == unanswered, "a request had no answer although Kannel was back")
    check_arrived(service, accounts, smsc.messages())
    check_order(kannel, accounts)
    print(f"{2 * len(accounts)} notices in {smsc.parts()} SMS; at the stop {arrived} had arrived, {sent - arrived} "
          f"more were in Kannel, and {len(unanswered)} requests had no answer")


def main():
    with Directory() as directory, Smsc() as smsc:
        kannel = Kannel(directory.path, smsc.port)
        configuration, state = directory.file("config"), directory.file("state")
        os.mkdir(configuration)
        write_configuration(configuration)
        os.environ["KANNEL_URL"] = kannel.url
        up = None
        try:
            kannel.start()
            kannel.wait_for_smsc()
            up = start("up", "--dir", state, "--config", configuration)
            service = Service("unix://" + os.path.join(state, "redis", "redis.sock"))
            wait_until(service.answers, "the installation was made")
            story(smsc, kannel, service)
        finally:
            code, output = stop(up) if up else (0, "")
            kannel.stop()
    check(code == 0, f"exit {code}\n{output}")


main()
