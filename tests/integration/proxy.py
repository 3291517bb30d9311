"""A TCP proxy on loopback that cuts, stalls and slows down what goes through it."""
import asyncio
import threading


class Proxy:
    """Forwards to a port of this machine. Everything may be called from any thread."""

    def __init__(self, target_port):
        self._target = target_port
        self._writers = set()
        self._pause = 0.0
        self._chunk = 65536
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = self._server.sockets[0].getsockname()[1]
        self._open = asyncio.run_coroutine_threadsafe(self._make_gate(), self._loop).result()

    def cut(self):
        """Ends every connection; new ones are taken."""
        self._loop.call_soon_threadsafe(self._abort)

    def stall(self):
        """Nothing goes through until `flow`, and no connection ends."""
        self._loop.call_soon_threadsafe(self._open.clear)

    def slow(self, chunk, pause):
        """From now on `chunk` bytes every `pause` seconds, each way."""
        self._chunk, self._pause = chunk, pause

    def flow(self):
        """As if nothing had been."""
        self._chunk, self._pause = 65536, 0.0
        self._loop.call_soon_threadsafe(self._open.set)

    def close(self):
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _make_gate(self):
        gate = asyncio.Event()
        gate.set()
        return gate

    async def _listen(self):
        return await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def _end(self):
        self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _abort(self):
        for writer in list(self._writers):
            writer.transport.abort()

    async def _accept(self, reader, writer):
        self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
            self._writers.add(far_writer)
            await asyncio.gather(self._forward(reader, far_writer), self._forward(far_reader, writer))
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
            self._writers.discard(writer)

    async def _forward(self, reader, writer):
        try:
            while data := await reader.read(self._chunk):
                await self._open.wait()
                if self._pause:
                    await asyncio.sleep(self._pause)
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
