"""What a wave publishes: the permitted relations, their readers, and a check of every file."""
