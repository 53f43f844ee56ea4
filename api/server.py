"""The process that listens.

Belongs here: address and server. Does not: routes (app).
"""

from __future__ import annotations

import uvicorn

from api.app import create_app
from explain.ahead import load_libraries
from model_store.storage import Location


def serve(store: Location, port: int = 8000, host: str = "127.0.0.1") -> None:
    """Answers on http://host:port until interrupted; the OpenAPI page is at /docs.

    `host`: 127.0.0.1 answers this machine only. New nights and promotions take effect without a restart.
    """
    load_libraries()
    uvicorn.run(create_app(store), host=host, port=port, log_level="info")
