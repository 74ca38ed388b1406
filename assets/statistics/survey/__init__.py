"""Statistics of weighted samples: estimates, their errors, tests and the making of weights."""
