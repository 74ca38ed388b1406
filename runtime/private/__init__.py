"""What others must not learn: the key of respondent ids, private folders, names in texts."""
