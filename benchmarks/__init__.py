"""This system and its peers on the same work in one run: how good the features are, how fast they are built.

May import anything; nothing imports it. `make bench` runs it; its results are in benchmarks/results.md.
"""
