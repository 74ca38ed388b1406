"""The kinds of files a study declares, each with its model; their JSON Schemas stand beside."""
