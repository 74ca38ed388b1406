"""The site of a wave: static pages that lead from a figure to the raw column."""
