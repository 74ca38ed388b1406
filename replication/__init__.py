"""Everything that reads the printed report: figures, comparison, ledger, audit, proofs."""
