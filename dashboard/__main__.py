"""`python -m dashboard`: the dashboard as a process of its own, the way `pret` starts it.

Belongs here: reading store and port. Does not: anything else.
"""

import argparse

from dashboard.serving import serve

parser = argparse.ArgumentParser(prog="python -m dashboard", description="Serve the dashboard of a store.")
parser.add_argument("--store", required=True, help="folder or fsspec URL of the store")
parser.add_argument("--port", type=int, default=5006)
arguments = parser.parse_args()
serve(arguments.store, port=arguments.port)
