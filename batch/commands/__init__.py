"""The commands of `pret`, a module each: options in, a job called, its result shown.

Belongs here: what operators and data scientists type and read. Does not: the jobs.
"""
