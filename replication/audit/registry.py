"""All rules of the audit; their order is that of the findings."""

from __future__ import annotations

from replication.audit.rules import (
    appendix,
    base,
    derived,
    groups_total,
    labels,
    no_count,
    row_sum,
    same_quantity,
    significance,
)
from replication.audit.text_rules import (
    citations,
    contradiction,
    mixtures,
    own_words,
    prose,
    prose_sums,
    restatements,
    significance_words,
    stated_base,
    units,
)

FIGURE_RULES = (
    no_count.RULE, row_sum.RULE, groups_total.RULE, same_quantity.RULE, derived.RULE, base.RULE,
    labels.RULE, appendix.RULE, significance.RULE,
)  # fmt: skip
TEXT_RULES = (
    prose.RULE, prose.WORDING, prose_sums.RULE, mixtures.RULE, contradiction.RULE, own_words.RULE,
    significance_words.BOUND, significance_words.LEVEL, stated_base.RULE, units.RULE,
    restatements.RULE, citations.RULE,
)  # fmt: skip
RULES = {rule.id: rule for rule in (*FIGURE_RULES, *TEXT_RULES)}
