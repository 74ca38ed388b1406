"""Charts of tables: the kind of chart, and the drawing."""
