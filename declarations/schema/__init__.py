"""The kinds of files of a study, each with its model and JSON Schema."""
