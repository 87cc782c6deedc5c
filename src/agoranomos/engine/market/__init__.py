"""A made marketplace of any length, as events of the contract: for tests, benchmarks and the demonstration.

`generate` gives it; `lives` says how it is told, `plots` how something goes wrong in it, `truth` what is so. Names,
numbers, prices and rates are drawn from small public facts, which the files name; nobody in it exists.
"""
