"""docs/data-flow.md: every relation, and the path of one answer through the modules."""
