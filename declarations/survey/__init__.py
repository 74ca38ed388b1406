"""The survey: questions, groups, rules, conventions."""
