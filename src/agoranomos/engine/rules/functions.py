"""Functions that a condition may call, each once for Python and once for DuckDB.

Both forms are filled with the argument's code in place of `{0}`, `{1}`; neither is asked when an argument is NULL (SQL
does that by itself). They agree on every input: overflow of an integer, division by zero and a number beyond the
doubles are NULL, where DuckDB alone would stop the query (integers) or go on with infinity (doubles). Doubles are IEEE
754 in both; `finite` stands around a calculation as a whole.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_MOST: Final = "1.7976931348623157e308"
_FITS = "(_t if INT_MIN <= (_t := {}) <= INT_MAX else None)"


class Function(NamedTuple):
    """`python` and `sql` are expressions over `{0}`, `{1}`; `twice` are places of arguments that `sql` repeats, so that
    what is nested there grows.
    """

    python: str
    sql: str
    twice: tuple[int, ...] = ()


def _wide(sign: str) -> Function:
    """Integer arithmetic in 128 bits, back to 64."""
    return Function(
        _FITS.format(f"{{0}} {sign} {{1}}"),
        f"TRY_CAST(CAST({{0}} AS HUGEINT) {sign} CAST({{1}} AS HUGEINT) AS BIGINT)",
    )


_DIVIDED = "({0} / NULLIF({1}, 0))"

FUNCTIONS: Final[dict[str, Function]] = {
    "int +": _wide("+"),
    "int -": _wide("-"),
    "int *": _wide("*"),
    "int %": Function(
        "(None if {1} == 0 else int_rest({0}, {1}))",
        "TRY_CAST(CAST({0} AS HUGEINT) % NULLIF(CAST({1} AS HUGEINT), 0) AS BIGINT)",
        twice=(1,),
    ),
    "int /": Function("(None if {1} == 0 else float({0}) / float({1}))", _DIVIDED, twice=(1,)),
    "+": Function("({0} + {1})", "({0} + {1})"),
    "-": Function("({0} - {1})", "({0} - {1})"),
    "*": Function("({0} * {1})", "({0} * {1})"),
    "/": Function("(None if {1} == 0 else {0} / {1})", _DIVIDED, twice=(1,)),
    "finite": Function(
        f"({{0}} if -{_MOST} <= {{0}} <= {_MOST} else None)",
        "(CASE WHEN isfinite({0}) THEN {0} END)",
        twice=(0,),
    ),
    "number": Function("float({0})", "CAST({0} AS DOUBLE)"),
    "int abs": Function("(None if {0} == INT_MIN else abs({0}))", "TRY_CAST(abs(CAST({0} AS HUGEINT)) AS BIGINT)"),
    "abs": Function("abs({0})", "abs({0})"),
    "seconds": Function(
        "(({0} - {1}) / 1000000.0)",
        "(CAST(epoch_us({0}) - epoch_us({1}) AS DOUBLE) / CAST(1000000 AS DOUBLE))",
    ),
    "hour": Function("hour_of({0}, {1})", "hour(timezone({1}, {0}))"),
    "day_of_week": Function("weekday_of({0}, {1})", "isodow(timezone({1}, {0}))"),
    "length": Function("len({0})", "length({0})"),
    "lower": Function("lower({0})", "lower({0})"),
    "upper": Function("upper({0})", "upper({0})"),
    "starts_with": Function("{0}.startswith({1})", "starts_with({0}, {1})"),
    "ends_with": Function("{0}.endswith({1})", "ends_with({0}, {1})"),
    "contains": Function("({1} in {0})", "contains({0}, {1})"),
    "size": Function("len({0})", "len({0})"),
    "has": Function("({1} in {0})", "list_contains({0}, {1})"),
}
"""Names with a space or a sign are the parser's own; `number` turns an integer into a number."""
