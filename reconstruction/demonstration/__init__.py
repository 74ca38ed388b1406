"""The invented wave 2018: other respondents, and declared changes since 2015.

Respondents take their answers from the constructed wave 2015, mostly from their own municipality.
Then single answers are changed until the shares differ from those of 2015 as `demonstration.yaml`
declares.
"""
