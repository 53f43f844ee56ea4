"""The jobs: ingest, train, night, and the command line `pret`. The only folder that knows Dask."""
