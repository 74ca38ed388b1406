"""Statistics of weighted samples: estimates, standard errors, tests, and computed weights."""
