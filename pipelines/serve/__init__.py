"""The pages on 127.0.0.1: Dagster's web server behind a guard against other web pages."""
