"""Other values of one client: what the model would answer, and which realistic changes alter the decision.

Belongs here: what-if, the search for ways out, their sentences. Does not: what can be changed (features.change).
"""
