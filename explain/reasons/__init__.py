"""Reasons of one decision: from contributions to codes, from codes to sentences that are true of the client.

Belongs here: which groups count as reasons, how each is said to whom. Does not: the contributions (trees).
"""
