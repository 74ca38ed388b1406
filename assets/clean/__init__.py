"""Clean relations: who was invited, who answered, in which groups they are, what is quarantined."""
