"""The data of a wave: raw files, clean relations, counts, tables and analyses."""
