"""The service: one client's published decision, one new application's decision.

Belongs here: HTTP in, HTTP out. Does not: any arithmetic of its own.
"""

from api.app import create_app
from api.server import serve

__all__ = ["create_app", "serve"]
