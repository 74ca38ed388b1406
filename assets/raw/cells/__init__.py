"""The data set in the database: its text, and a judgement on every distinct text."""
