"""Tables of any question by any groups: variables, groups, weights, and results."""
