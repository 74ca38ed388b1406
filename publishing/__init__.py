"""What people get: the folder of a wave, and the files of the trends."""
