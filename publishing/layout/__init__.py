"""One layout object per table; site, workbook, document and CSV render it."""
