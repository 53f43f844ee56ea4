"""From files to client shards: reading, checking, setting aside, dealing, sorting, and what has not changed since.

Belongs here: the steps of `batch/ingest.py`. Does not: features, scores, runs.
"""
