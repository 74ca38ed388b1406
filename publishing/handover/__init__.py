"""What is handed on: answers with labels, codebook, data package, crate, lineage events."""
