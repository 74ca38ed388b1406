"""The audit of the printed report: can all its figures be true at once?

Pure functions over printed figures and declarations. `read_printed_report` returns a report,
`audit` its findings. The package reads neither the answers of a wave nor the errata.
"""
