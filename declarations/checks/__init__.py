"""What declarations say of each other: every reference leads to something declared."""
