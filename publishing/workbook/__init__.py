"""Every table of a wave as a workbook."""
