"""How a run grows with its wave: a grown wave, a whole run of it, and what it is held against."""
