"""The catalogue of rules, and the policy of a study for each (`checks:`).

Code decides whether data break a rule (`assets/raw/rules/`). The catalogue declares which rules
exist, what each examines, and its possible policies. The checks, `samspil check`, the page of
checks and drafts read the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from declarations.errors import found_expected, listed
from declarations.labels import Label
from declarations.model import Declared, Number, switch, wrong

FILE, ROW, ANSWER = "file", "row", "answer"
BLOCK, QUARANTINE, WARN = "block", "quarantine", "warn"
# The threshold if neither the study nor the catalogue declares one.
THRESHOLDS = {BLOCK: 0.0, QUARANTINE: 0.01, WARN: 0.0}


@dataclass(frozen=True)
class Policy:
    """A policy: `kind` is block, quarantine or warn; `threshold` is a share from 0 to 1."""

    kind: str
    threshold: float


@dataclass(frozen=True)
class Rule:
    """One rule.

    `unit` is what it judges and quarantines. `counted` is the denominator of the threshold. A
    `required` rule cannot be switched off, because later stages rely on it. Cells that break an
    `unusable` rule cannot be counted and are quarantined under every policy. A rule with a `suite`
    is checked again after the cleaning, per question, by Great Expectations.
    """

    name: str
    unit: str
    says: Label
    counted: Label
    default: Policy
    needs: str = ""
    required: bool = False
    unusable: bool = False
    suite: bool = False

    @property
    def policies(self) -> tuple[str, ...]:
        """The kinds of policy that the rule allows."""
        kinds = (BLOCK, WARN) if self.unit == FILE else (BLOCK, QUARANTINE, WARN)
        return tuple(kind for kind in kinds if not (self.required and kind == WARN))


def _rule(
    name: str,
    unit: str,
    da: str,
    en: str,
    counted_da: str,
    counted_en: str,
    kind: str,
    **facts: Any,
) -> tuple[str, Rule]:
    default = Policy(kind, facts.pop("threshold", THRESHOLDS[kind]))
    return name, Rule(name, unit, Label(da, en), Label(counted_da, counted_en), default, **facts)


# In the order of evaluation and listing.
CATALOGUE: Mapping[str, Rule] = dict(
    (
        # rules of files
        _rule(
            "missing_column", FILE,
            "Hver erklæret variabel er en kolonne i datasættet.",
            "Every declared variable is a column of the data set.",
            "erklærede kolonner", "declared columns", BLOCK, required=True,
        ),
        _rule(
            "register_column", FILE,
            "Kommuneregistret har hver erklæret kolonne.",
            "The municipality register has every declared column.",
            "erklærede registerkolonner", "declared register columns", BLOCK,
            needs="frame", required=True,
        ),
        _rule(
            "undeclared_column", FILE,
            "Hver kolonne i datasættet er erklæret.",
            "Every column of the data set is declared.",
            "kolonner", "columns", BLOCK,
        ),
        _rule(
            "column_type", FILE,
            "Ingen kolonne med koder eller tal indeholder mest tekst.",
            "No column of codes or numbers holds mostly text (columns shifted).",
            "kolonner med koder eller tal", "columns of codes or numbers", BLOCK,
        ),
        _rule(
            "empty_column", FILE,
            "Ingen kolonne med et lukket spørgsmål er tom, når nogen har gennemført skemaet.",
            "No column of a closed question is empty if somebody completed the questionnaire.",
            "kolonner med lukkede spørgsmål", "columns of closed questions", WARN,
        ),
        _rule(
            "label_code", FILE,
            "Eksporten har etiketter til netop de erklærede koder.",
            "The export labels exactly the declared codes of every closed variable.",
            "etiketter", "labels", BLOCK,
        ),
        _rule(
            "label_exchanged", FILE,
            "Ingen kode, intet valg og intet spørgsmål har en tekst, der er erklæret for et andet.",
            "No code, choice or question has the text declared for another one.",
            "etiketter", "labels", BLOCK,
        ),
        _rule(
            "label_text", FILE,
            "Koder, valg og spørgsmål har de erklærede tekster.",
            "Codes, choices and questions have the declared texts.",
            "etiketter", "labels", WARN,
        ),
        _rule(
            "structure", FILE,
            "Strukturen beskriver variablerne som erklæret, dem alle og i kolonnernes orden.",
            "The structure describes variables as declared, all of them, in the columns' order.",
            "variabler", "variables", WARN,
        ),
        _rule(
            "unique_municipality", FILE,
            "Hver kommune er én gang i registret.",
            "Every municipality occurs once in the register.",
            "koder og navne i registret", "codes and names of the register", BLOCK,
            needs="frame", required=True,
        ),
        _rule(
            "row_count", FILE,
            "Filerne har så mange linjer, som kildearket siger.",
            "Files have as many lines as the source sheet says.",
            "filer", "files", BLOCK,
        ),
        _rule(
            "checksum", FILE,
            "Filerne er dem, kildearket beskriver.",
            "Files are the ones the source sheet describes.",
            "filer", "files", WARN,
        ),
        _rule(
            "reading", FILE,
            "Filerne læses uændret: intet er tolket, rettet eller udeladt undervejs.",
            "Files are read unchanged: nothing is interpreted, corrected or left out.",
            "filer", "files", WARN,
        ),
        _rule(
            "frame_counts", FILE,
            "Antallet af inviterede, i alt og pr. kommune, er som oplyst.",
            "The number of invitations, in total and per municipality, is as declared.",
            "kommuner og oplyste antal", "municipalities and declared numbers", WARN, needs="frame",
        ),
        # rules of rows
        _rule(
            "unique_respondent", ROW,
            "Hver respondent har én linje.",
            "Every respondent has one line.",
            "linjer", "lines", BLOCK, needs="respondent", required=True,
        ),
        _rule(
            "repeated_line", ROW,
            "Ingen linje med svar er lig en tidligere linje i alle celler.",
            "No line with answers equals an earlier line in every cell.",
            "linjer med svar", "lines with answers", WARN, needs="anonymous",
        ),
        _rule(
            "unknown_municipality", ROW,
            "Hver inviterets kommune er i registret.",
            "Every invitation's municipality is in the register.",
            "linjer", "lines", BLOCK, needs="frame", required=True,
        ),
        _rule(
            "one_status", ROW,
            "Netop ét statusflag er sat på hver linje.",
            "Exactly one status flag is set on every line.",
            "linjer", "lines", BLOCK, needs="status",
        ),
        _rule(
            "complete_but_empty", ROW,
            "En linje med status gennemført har svar.",
            "A line with the status complete has an answer.",
            "linjer, der er gennemført ifølge deres status", "lines complete by their status",
            WARN, needs="status",
        ),
        # rules of answers
        _rule(
            "scale", ANSWER,
            "Svar er blandt de erklærede koder, antal er tal.",
            "Answers are among the declared codes, numbers are numbers.",
            "svar på et spørgsmål", "answers of a question", QUARANTINE, unusable=True, suite=True,
        ),
        _rule(
            "status_says_unanswered", ANSWER,
            "Linjer med status ikke besvaret har ingen svar.",
            "Lines with the status not answered have no answers.",
            "linjer, der ikke er besvaret ifølge deres status",
            "lines not answered by their status",
            QUARANTINE, needs="status", unusable=True,
        ),
        _rule(
            "exclusive", ANSWER,
            "Et eksklusivt svar er givet alene.",
            "An exclusive answer is given alone.",
            "linjer, der har besvaret spørgsmålet", "lines that answered the question",
            QUARANTINE, needs="exclusive",
        ),
        _rule(
            "routing", ANSWER,
            "Kun respondenter, der skulle spørges, har svaret.",
            "Only respondents who were to be asked have answered.",
            "svar med en betingelse", "answers with a condition", WARN, needs="routing",
        ),
        _rule(
            "drop_out_order", ANSWER,
            "Respondenter, der holder op, svarer ikke senere: ingen springer en hel del over, og "
            "ingen svarer efter et svar, der slutter skemaet.",
            "Respondents who stop do not answer later: nobody skips a whole section, and nobody "
            "answers after an answer that ends the questionnaire.",
            "linjer med svar", "lines with answers", WARN,
        ),
    )
)  # fmt: skip


def _named(name: str) -> str:
    if name not in CATALOGUE:
        raise wrong(name, f"a rule: {listed(CATALOGUE)}", known=tuple(CATALOGUE))
    return name


RuleName = Annotated[
    str, AfterValidator(_named), WithJsonSchema({"type": "string", "enum": list(CATALOGUE)})
]


class PolicyEntry(Declared):
    """The policy of a rule. Entries that are left out have the catalogue's values."""

    policy: Literal["block", "quarantine", "warn"] | None = Field(
        None, description="What happens to data that break the rule."
    )
    threshold: Annotated[Number, Field(ge=0, le=1)] | None = Field(
        None, description="The share above which the policy takes effect."
    )


Checks = dict[RuleName, Annotated[PolicyEntry | None, switch(PolicyEntry)]]


def policies_of(checks: Mapping[str, PolicyEntry | None]) -> dict[str, Policy]:
    """The policies of all rules that are not switched off; the catalogue's by default."""
    return {
        name: policy_of(rule, checks.get(name) or PolicyEntry())
        for name, rule in CATALOGUE.items()
        if name not in checks or checks[name] is not None
    }


def policy_of(rule: Rule, entry: PolicyEntry) -> Policy:
    """The policy that the study declares for a rule, or else that of the catalogue."""
    kind = entry.policy or rule.default.kind
    fallback = rule.default.threshold if kind == rule.default.kind else THRESHOLDS[kind]
    return Policy(kind, float(fallback if entry.threshold is None else entry.threshold))


def problem_of(rule: Rule, entry: PolicyEntry | None) -> str | None:
    """Why a rule does not allow a policy; None if it does."""
    if entry is None:
        if rule.required or rule.unusable:
            return "found false, expected a policy: later stages rely on this rule"
        return None
    policy = policy_of(rule, entry)
    if policy.kind not in rule.policies:
        allowed = " or ".join(rule.policies)
        return found_expected(policy.kind, f"{allowed}: it is a {rule.unit} rule")
    if rule.required and policy.kind == BLOCK and policy.threshold:
        return found_expected(policy.threshold, "the threshold 0: later stages rely on this rule")
    return None
