"""The data set in the database: its text, and a verdict on every distinct text."""
