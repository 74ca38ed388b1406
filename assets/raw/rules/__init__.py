"""Rules over the raw files. Their catalogue is declarations/survey/rules.py."""
