"""The console: pages for the people of the governance team, over all desks.

Pages hold no rules of the trade. Each asks the services and queries that the commands and the API ask.
"""
