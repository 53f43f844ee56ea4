"""Exact contributions of trees: TreeSHAP tabulated once per model, many times faster than LightGBM's own.

Belongs here: how a LightGBM model's trees are read, tabulated and walked. Does not: reasons made of contributions.
"""
