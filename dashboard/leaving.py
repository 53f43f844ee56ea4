"""A browser that leaves while it is being written to: one line in the log, not a traceback.
Not here: the server (serving.py), what ends with a visit (frame.py)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from tornado.websocket import WebSocketClosedError

log = logging.getLogger(__name__)


def note_leaving(loop: asyncio.AbstractEventLoop) -> None:
    """From now on the loop tells of a closed connection in one line; of everything else as before.

    Panel 1.9.4 writes a message in parts (panel.io.document.dispatch_tornado). Where a later part finds the
    connection closed, nobody asks any more what became of the earlier ones: that is told to the loop.
    """
    loop.set_exception_handler(_told)


def _told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    if isinstance(context.get("exception"), WebSocketClosedError):
        log.info("a browser left while it was being written to")
    else:
        loop.default_exception_handler(context)
