"""Files for other programs: answers with labels, codebook, data package, crate, lineage events."""
