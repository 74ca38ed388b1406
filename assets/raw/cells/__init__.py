"""The data set in the database: its text, and the verdict on every distinct text."""
