"""The jobs: ingest, train, night, and the command line `pret`. The only folder that knows Dask.

Belongs here: flows, files, workers, the terminal. Does not: what a feature, a score or a reason is.
"""
