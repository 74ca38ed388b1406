"""What readers get: the folder of a wave, the files of the trends, and the packages."""
