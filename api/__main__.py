"""`python -m api --store STORE`: how `pret api` starts the service in a process of its own.

Belongs here: the arguments. Does not: the server (server).
"""

from __future__ import annotations

from argparse import ArgumentParser

from api.server import serve


def main() -> None:
    """Reads the arguments and answers until interrupted."""
    parser = ArgumentParser(prog="python -m api", description="The scoring service over one store.")
    parser.add_argument("--store", required=True, help="path or fsspec URL of the store")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1", help="127.0.0.1 answers this machine only")
    arguments = parser.parse_args()
    serve(arguments.store, arguments.port, arguments.host)


if __name__ == "__main__":
    main()
