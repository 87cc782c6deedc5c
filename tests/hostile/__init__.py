"""Requests drawn from the OpenAPI document: what it allows and what it forbids, by everybody, alone and in chains."""
