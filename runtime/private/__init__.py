"""What only the user who runs may read: the key of respondent ids, and folders of working files."""
