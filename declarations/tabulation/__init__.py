"""What tables are made of beside questions: variables, groups, weights, filters, short tables."""
