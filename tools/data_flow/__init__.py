"""docs/data-flow.md: every relation, and the way of one answer through the modules."""
