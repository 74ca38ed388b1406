"""Rules over the raw files: what each looks at. Which there are stands in assets/specs/rules.py."""
