"""Files that only the current user may read: the key of respondent ids and the working folders."""
