"""Plots of the pages: each is a function that returns its data as a frame, and one that draws such a frame.
Not here: statistics (risk), page texts other than axis and legend labels passed through Texts."""
