"""Everything that uses the printed report: figures, comparison, ledger, audit, proofs."""
