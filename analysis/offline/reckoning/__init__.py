"""Reckoning: one figure asked for, found among the cells of a table or worked out from a few of them."""
