"""Sellers: applications, certification in person, frozen money, points and ladders, appeals, who may be the same."""
