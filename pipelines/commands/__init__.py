"""The subcommands of `samspil`."""
