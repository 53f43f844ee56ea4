"""A run's life in the store: its turn, its record, its publication, its removal.

Belongs here: what must stay true whenever a night is killed. Does not: what is computed (steps).
"""
