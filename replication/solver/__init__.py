"""Integer programs that find data that agree with print, or prove that none exist."""
