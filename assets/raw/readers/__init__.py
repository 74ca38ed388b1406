"""Readers of the export's forms: delimited files, an Excel workbook, an SPSS file."""
