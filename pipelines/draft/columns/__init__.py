"""What the columns of an export hold: answers, scales, the texts around them, respondents."""
