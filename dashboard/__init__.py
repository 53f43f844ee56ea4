"""The risk analysts' dashboard: pages over the published nights of a store.
Not here: arithmetic of risk, explanations, the store's layout; this folder alone knows Panel."""

from dashboard.serving import serve

__all__ = ["serve"]
