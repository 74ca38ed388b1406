"""What the command does beyond running a wave."""
