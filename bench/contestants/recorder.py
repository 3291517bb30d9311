"""Keeps what a client writes to Redis, and writes its transactions again."""
import socket
import threading

CHUNK = 1 << 16


class Recorder:
    """Stands between clients and a Redis and keeps what the clients say."""

    def __init__(self, redis):
        self.redis, self.said = redis, []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.redis))
            kept = []
            self.said.append(kept)
            for source, target, keep in ((client, server, kept), (server, client, None)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=pass_on, args=(source, target, keep), daemon=True).start()

    def transactions(self):
        """MULTI to EXEC, of all connections, one behind the other; an entry a group."""
        return [group for kept in self.said for group in groups(b"".join(kept))]


def pass_on(source, target, keep):
    try:
        while part := source.recv(CHUNK):
            if keep is not None:
                keep.append(part)
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def commands(said):
    """The commands of a connection, as the bytes that they were written in, with their names."""
    at = 0
    while at < len(said):
        begun, end = at, said.index(b"\r\n", at)
        count, at = int(said[at + 1:end]), end + 2
        name = b""
        for number in range(count):
            end = said.index(b"\r\n", at)
            length = int(said[at + 1:end])
            if number == 0:
                name = said[end + 2:end + 2 + length]
            at = end + 2 + length + 2
        yield name, said[begun:at]


def groups(said):
    """Of a connection, each as its bytes and the number of its commands."""
    open_group = None
    for name, text in commands(said):
        if name == b"MULTI":
            open_group = []
        if open_group is not None:
            open_group.append(text)
        if name == b"EXEC" and open_group is not None:
            yield b"".join(open_group), len(open_group)
            open_group = None


def recorded(kept, record):
    """What was recorded once is written in every round."""
    if "groups" not in kept:
        kept["groups"] = record()
    return kept["groups"]


def write(transactions, port):
    """Writes them as fast as they are taken, and reads what is answered."""
    with socket.create_connection(("127.0.0.1", port)) as server:
        done = b"*1\r\n$4\r\nPING\r\n"
        reader = threading.Thread(target=read_until_pong, args=(server,))
        reader.start()
        server.sendall(b"".join(text for text, _ in transactions) + done)
        reader.join()


def read_until_pong(server):
    tail = b""
    while not tail.endswith(b"+PONG\r\n"):
        part = server.recv(CHUNK)
        if not part:
            raise ConnectionError("Redis closed the connection")
        tail = (tail + part)[-16:]
