"""Clean relations: invitations, respondents, memberships in groups, answers, quarantine."""
