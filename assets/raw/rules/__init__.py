"""Rules over the raw files: what each looks at. Their catalogue is declarations/survey/rules.py."""
