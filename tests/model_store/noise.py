"""A model made worse on purpose, for tests that compare versions."""

from dataclasses import replace

import numpy as np

from model_store import ScoringModel


def with_noise(model: ScoringModel, noise: float, seed: int = 3) -> ScoringModel:
    """The model with out-of-fold probabilities that say less about the outcome, the more noise the less."""
    drawn = np.random.default_rng(seed).random(len(model.out_of_fold))
    mixed = (1 - noise) * model.out_of_fold["default_probability"] + noise * drawn
    return replace(model, out_of_fold=model.out_of_fold.assign(default_probability=mixed))
