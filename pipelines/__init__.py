"""How it runs: the only Definitions, jobs, resources and commands."""
