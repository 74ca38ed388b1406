"""What the constructed wave has to come to: print decoded to counts, and what prose adds."""
