"""A real Kannel for tests, and the message service centre (SMSC) that it hands its messages to.

Kannel has a fake SMSC of its own, but what that prints of a long message names no alphabet, a line break in a text
breaks its lines, and its receipts are made by Kannel itself. So ours speaks SMPP 3.4: it sees the very octets that
would go to a handset, and the receipts take the way that they take in the field.
"""
import collections
import contextlib
import os
import socket
import struct
import subprocess
import threading
import time
import urllib.request

from program import LONGEST, wait_until

# ------------------------------------------------------------------------------------------------------------- the SMSC

SUBMIT, DELIVER, UNBIND, BIND_TRANSCEIVER, ENQUIRE, RESPONSE = 0x04, 0x05, 0x06, 0x09, 0x15, 0x80000000
HEADER = struct.Struct(">IIII")  # length, command, status, sequence
BIND_FAILED = 0x0D  # a status
USER_DATA_HEADER, IS_RECEIPT = 0x40, 0x04  # in esm_class
MESSAGE_PAYLOAD = 0x0424  # the optional parameter that may stand in place of short_message
UCS2, GSM7 = 8, 0  # in data_coding

# GSM 03.38, 6.2.1: the default alphabet, and what follows an escape.
ESCAPE = 0x1B
BASIC = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
         "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
             0x65: "€"}

# One SMS as it came: part `number` of the `total` of the message `reference` to the number `to`.
Part = collections.namedtuple("Part", "to coding reference total number payload")
# All parts of one message, put together.
Message = collections.namedtuple("Message", "to coding total payload")


def decode(message):
    """The text of a message; octets that are not of its alphabet raise ValueError."""
    if message.coding == UCS2:
        return message.payload.decode("utf-16-be")
    if message.coding != GSM7:
        raise ValueError(f"data_coding {message.coding}")
    text, octets = "", iter(message.payload)
    for octet in octets:
        if octet > 0x7F:
            raise ValueError(f"{octet:#x} is not a septet")
        try:
            text += EXTENSION[next(octets)] if octet == ESCAPE else BASIC[octet]
        except (KeyError, StopIteration):
            raise ValueError("an escape without its character") from None
    return text


class Reader:
    """The body of a PDU, from its front to its end."""

    def __init__(self, body):
        self.rest = body

    def octets(self, count):
        if count > len(self.rest):
            raise ValueError("the PDU is cut short")
        taken, self.rest = self.rest[:count], self.rest[count:]
        return taken

    def c_string(self):
        text = self.octets(self.rest.index(b"\0") + 1)
        return text[:-1].decode("ascii")


def read_submit(body):
    """What a handset would see of a submit_sm, and whether a receipt is asked for."""
    pdu = Reader(body)
    pdu.c_string()  # service_type
    pdu.octets(2)
    pdu.c_string()  # source_addr
    pdu.octets(2)
    to = pdu.c_string()
    esm_class, _, _ = pdu.octets(3)
    pdu.c_string()  # schedule_delivery_time
    pdu.c_string()  # validity_period
    registered, _, coding, _, size = pdu.octets(5)
    payload = pdu.octets(size)
    while pdu.rest:
        # None of the optional parameters that are used, such as more_messages_to_send, carries text.
        tag, length = struct.unpack(">HH", pdu.octets(4))
        if tag == MESSAGE_PAYLOAD:
            raise ValueError("message_payload")
        pdu.octets(length)
    reference, total, number = 0, 1, 1
    if esm_class & USER_DATA_HEADER:
        # One element: part of a message with an 8-bit reference (3GPP TS 23.040, 9.2.3.24.1).
        length, element, element_length, reference, total, number = payload[:6]
        if (length, element, element_length) != (5, 0, 3):
            raise ValueError(f"user data header {payload[:6].hex()}")
        payload = payload[6:]
    return Part(to, coding, reference, total, number, payload), bool(registered & 0x03)


def receipt(number, message_id):
    """deliver_sm with the text that SMPP 3.4, appendix B, gives for receipts."""
    now = time.strftime("%y%m%d%H%M", time.gmtime())
    text = f"id:{message_id} sub:001 dlvrd:001 submit date:{now} done date:{now} stat:DELIVRD err:000 text:".encode()
    international = b"\x01\x01"
    return (b"\0" + international + number.encode() + b"\0" + international + b"10086\0" + bytes((IS_RECEIPT, 0, 0)) +
            b"\0\0" + bytes((0, 0, 0, 0, len(text))) + text)


class Smsc:
    """Takes every message on a free port of the loopback interface, and sends its receipt until that is taken.

    Lives until the end of its `with`. While it is on hold it takes nothing, so that whoever was stopped meanwhile has
    every reason, and the right, to send again what was not answered.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._messages, self._begun, self._faults = [], {}, []
        self._parts = 0
        self._on_hold = False
        self._receipts = {}  # by sequence: not taken yet
        self._links = []
        self._all_answers_read = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]

    def __enter__(self):
        self._threads[0].start()
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        with self._lock:
            for link in self._links:
                with contextlib.suppress(OSError):  # the other side may have been faster
                    link.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def messages(self):
        """Whole messages, in the order in which they became whole."""
        with self._lock:
            if self._faults:
                raise AssertionError("at the SMSC: " + "; ".join(self._faults))
            return list(self._messages)

    def parts(self):
        with self._lock:
            return self._parts

    def hold(self):
        """From its return on nothing is taken; what has been taken is whole, and known to the other side as taken."""
        with self._lock:
            self._on_hold = True

        def whole():
            with self._lock:
                return not self._begun
        wait_until(whole, "the last message was whole")
        with self._lock:
            self._send(self._links[-1], ENQUIRE, 0, b"")
        if not self._all_answers_read.wait(LONGEST):
            raise AssertionError("the SMSC had no answer to enquire_link")

    def release(self):
        with self._lock:
            self._on_hold = False

    def _accept(self):
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(link,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, link):
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self._lock:
            self._links.append(link)
        try:
            with link.makefile("rb") as stream:
                while len(header := stream.read(HEADER.size)) == HEADER.size:
                    length, command, status, sequence = HEADER.unpack(header)
                    body = stream.read(length - HEADER.size)
                    with self._lock:
                        self._answer(link, command, status, sequence, body)
        except OSError:
            pass  # The other side is gone; it will come back.
        except Exception as fault:  # A thread has nobody to raise it to; messages() does.
            with self._lock:
                self._faults.append(repr(fault))
        finally:
            with self._lock:
                self._links.remove(link)
                link.close()

    def _answer(self, link, command, status, sequence, body):
        if command == SUBMIT:
            self._take(link, sequence, body)
        elif command == BIND_TRANSCEIVER:
            self._send(link, command | RESPONSE, sequence, b"test\0", BIND_FAILED if self._on_hold else 0)
            if not self._on_hold:
                for unread, text in self._receipts.items():
                    self._send(link, DELIVER, unread, text)
        elif command == DELIVER | RESPONSE:
            if status == 0:
                self._receipts.pop(sequence, None)
            else:  # Kannel refuses receipts while it is starting.
                time.sleep(0.01)
                self._send(link, DELIVER, sequence, self._receipts[sequence])
        elif command == ENQUIRE | RESPONSE:
            self._all_answers_read.set()
        elif command in (ENQUIRE, UNBIND):
            self._send(link, command | RESPONSE, sequence, b"")
        else:
            raise ValueError(f"command {command:#x}")

    def _take(self, link, sequence, body):
        part, wants_receipt = read_submit(body)
        key = (part.to, part.reference, part.total)
        if self._on_hold and key not in self._begun:
            return
        self._parts += 1
        pieces = self._begun.setdefault(key, {})
        if part.number in pieces:
            raise ValueError(f"twice: {part}")
        pieces[part.number] = part.payload
        if len(pieces) == part.total:
            payload = b"".join(pieces[number] for number in range(1, part.total + 1))
            self._messages.append(Message(part.to, part.coding, part.total, payload))
            del self._begun[key]
        message_id = f"{self._parts:08x}"
        self._send(link, SUBMIT | RESPONSE, sequence, message_id.encode() + b"\0")
        if wants_receipt:
            self._receipts[self._parts] = receipt(part.to, message_id)
            self._send(link, DELIVER, self._parts, self._receipts[self._parts])

    @staticmethod
    def _send(link, command, sequence, body, status=0):
        link.sendall(HEADER.pack(HEADER.size + len(body), command, status, sequence) + body)


# --------------------------------------------------------------------------------------------------------------- Kannel

USER, PASSWORD = "dun", "secret"
# Seconds. A smsbox that is told to end amid requests now and then waits for itself for ever; then it is killed, as an
# operator would do.
PATIENCE = 5

# The queue limit and the window are so small that part of a wave of messages fills them. What is not known to be taken
# by the SMSC outlives a stop in the store, and so does whose receipts are still to come.
CONFIGURATION = """\
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {password}
status-password = {password}
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
box-deny-ip = "*.*.*.*"
sms-outgoing-queue-limit = 200
sms-resend-freq = 1
store-type = spool
store-location = "{directory}/store"
dlr-storage = spool
dlr-spool = "{directory}/receipts"
log-file = "{directory}/bearerbox.log"
log-level = 1

group = smsc
smsc = smpp
smsc-id = test
host = 127.0.0.1
port = {smsc}
transceiver-mode = true
smsc-username = kannel
smsc-password = {password}
system-type = ""
max-pending-submits = 1000
reconnect-delay = 1

group = smsbox
smsbox-id = box
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
http-request-retry = 60
http-queue-delay = 1
log-file = "{directory}/smsbox.log"
log-level = 1
access-log = "{directory}/access.log"

group = sendsms-user
username = {user}
password = {password}
user-allow-ip = "127.0.0.1"
user-deny-ip = "*.*.*.*"
default-sender = 10086
max-messages = 4
concatenation = true
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


class Kannel:
    """A bearerbox and a smsbox, with their state and logs in one directory, on free ports of the loopback interface."""

    def __init__(self, directory, smsc_port):
        self._directory = directory
        self._admin, boxes, sendsms = free_ports(3)
        self.url = f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms"
        for name in ("store", "receipts"):
            os.makedirs(os.path.join(directory, name))
        with open(os.path.join(directory, "kannel.conf"), "w") as file:
            file.write(CONFIGURATION.format(directory=directory, admin=self._admin, boxes=boxes, sendsms=sendsms,
                                            smsc=smsc_port, user=USER, password=PASSWORD))
        self._processes = {}

    def start(self):
        """Returns when the bearerbox has taken on a smsbox."""
        self._start("bearerbox")
        self._wait(lambda: self._status(), "the bearerbox answered")
        self._wait(self._has_smsbox, "the bearerbox had a smsbox")

    def wait_for_smsc(self):
        self._wait(lambda: "(online" in self._status(), "the bearerbox reached the SMSC")

    def stop_bearerbox(self):
        """As an operator stops it. It tells its smsbox to end, too, and waits until that is gone."""
        self._processes["bearerbox"].terminate()
        self._end("smsbox")
        self._end("bearerbox")

    def stop(self):
        for box in ("smsbox", "bearerbox"):
            if box in self._processes:
                self._processes[box].terminate()
                self._end(box)

    def read(self, name):
        """All of a log, from the first start on."""
        with open(os.path.join(self._directory, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    def _start(self, box):
        environment = {**os.environ, "PATH": os.environ.get("PATH", "") + ":/usr/sbin"}
        with open(os.path.join(self._directory, box + ".out"), "ab") as output:
            # -v 4: what it has to say stands in its log file.
            self._processes[box] = subprocess.Popen(
                [box, "-v", "4", os.path.join(self._directory, "kannel.conf")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)

    def _has_smsbox(self):
        # A smsbox ends when its bearerbox is gone. Debian's run_kannel_box would start it again, and so do we.
        smsbox = self._processes.get("smsbox")
        if smsbox is None or smsbox.poll() is not None:
            self._start("smsbox")
        return "smsbox:box" in self._status()

    def _status(self):
        try:
            url = f"http://127.0.0.1:{self._admin}/status.txt?password={PASSWORD}"
            with urllib.request.urlopen(url, timeout=LONGEST) as answer:
                return answer.read().decode("utf-8", "replace")
        except OSError:
            return ""

    def _wait(self, condition, what):
        def met():
            status = self._processes["bearerbox"].poll()
            if status is not None:
                raise AssertionError(f"the bearerbox ended with {status}:\n{self.read('bearerbox.out')}")
            return condition()
        wait_until(met, what)

    def _end(self, box):
        process = self._processes.pop(box)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
