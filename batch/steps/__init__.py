"""What a night does with its shards: score, compare, check; and what it may keep of earlier work.

Belongs here: the steps of `batch/night.py` up to the checks. Does not: a run's life in the store (runs).
"""
