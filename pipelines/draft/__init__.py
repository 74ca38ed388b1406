"""A first study folder drafted from an export; what was guessed is said in comments."""
