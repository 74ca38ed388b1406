"""What was asked of whom: questions, groups, rules."""
