"""The models that are compared: what each is, and its out-of-fold scores on the folds that all share.

Belongs here: the list of candidates, one fit per fold. Does not: judging them (compare), production (train).
"""

from training.candidates.listed import CANDIDATES, Candidate, Family
from training.candidates.scoring import CandidateScores, score_candidate

__all__ = ["CANDIDATES", "Candidate", "CandidateScores", "Family", "score_candidate"]
