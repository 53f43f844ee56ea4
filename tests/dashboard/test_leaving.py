"""A browser that leaves: what the dashboard's log says of it, and that other errors are still told whole."""

import asyncio
import gc
import logging
from types import SimpleNamespace

import pytest
from panel.io.document import dispatch_tornado
from tornado.iostream import StreamClosedError
from tornado.websocket import WebSocketClosedError, WebSocketHandler, WebSocketProtocol13

from dashboard.leaving import note_leaving


class Leaving(WebSocketProtocol13):
    """A connection whose browser is found gone when the second part of a message is written."""

    def __init__(self) -> None:
        self.parts = self._message_bytes_out = 0
        self._compressor = None

    def is_closing(self) -> bool:
        return self.parts >= 2

    def _write_frame(self, *_: object, **__: object) -> "asyncio.Future[None]":
        self.parts += 1
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        written.set_exception(StreamClosedError())
        return written


def test_a_browser_that_leaves_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Panel forgets the first parts of a message whose last one finds the connection closed: no traceback."""

    async def visit() -> None:
        note_leaving(asyncio.get_running_loop())
        socket = WebSocketHandler.__new__(WebSocketHandler)
        socket.ws_connection = Leaving()
        message = SimpleNamespace(header_json="{}", metadata_json="{}", content_json="{}", _buffers=[])
        with pytest.raises(WebSocketClosedError):
            dispatch_tornado(SimpleNamespace(_socket=socket), msg=message)
        await asyncio.sleep(0)
        gc.collect()

    with caplog.at_level(logging.INFO):
        asyncio.run(visit())
    assert {record.getMessage() for record in caplog.records} == {
        "a browser left while it was being written to"
    }
    assert not any(record.exc_info for record in caplog.records)


def test_another_error_is_told_whole(caplog: pytest.LogCaptureFixture) -> None:
    """A task that fails and that nobody asks leaves its traceback in the log, as without us."""

    async def fails() -> None:
        raise RuntimeError("a defect")

    async def visit() -> None:
        note_leaving(asyncio.get_running_loop())
        asyncio.ensure_future(fails())  # noqa: RUF006 - nobody asks for its answer
        await asyncio.sleep(0)
        gc.collect()

    with caplog.at_level(logging.ERROR, logger="asyncio"):  # which a night in this process has silenced
        asyncio.run(visit())
    (record,) = caplog.records
    assert record.exc_info
    assert str(record.exc_info[1]) == "a defect"
