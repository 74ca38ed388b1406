"""The content of an export's columns: answers, scales, texts, respondents."""
