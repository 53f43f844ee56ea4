"""LIME: a local surrogate of the model around one client, with the proof of how far it can be trusted.

Belongs here: whom a client is compared with, the surrogate, its fidelity and stability. Does not: exact
contributions (trees), drawing.
"""
