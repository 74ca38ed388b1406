"""The invented wave 2018: other respondents, and a drift since 2015 that was chosen beforehand.

Respondents take their answers from the constructed wave 2015, mostly from their own municipality;
then single answers are changed until the shares in `demonstration.yaml` stand as far from those of
2015 as it says.
"""
