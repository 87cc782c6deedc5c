"""The text of a condition before it is parsed: bounds, and mistakes that are seen in single signs and words.

The SQL parser (sqlglot) reads far more than the language has, and is recursive; what passes here is short, plain and
not deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

import sqlglot.errors
from sqlglot import exp
from sqlglot.parser import Parser
from sqlglot.tokenizer_core import Token, TokenType
from sqlglot.tokens import Tokenizer

from agoranomos.engine.rules.errors import Problem, RuleError
from agoranomos.engine.rules.words import FULL_WIDTH, STRANGE_SIGNS, STRANGE_WORDS

TEXT_LENGTH_MAX: Final = 4000
TOKENS_MAX: Final = 800
DEPTH_MAX: Final = 20
"""Parentheses, CASE and NOT within each other."""

_QUERY = (
    "a rule is one condition, not a query: leave out SELECT, FROM, WHERE and subqueries;"
    " what counts over time is a feature"
)


WRITTEN: Final = "written"
"""The mark of parentheses that stand in the text; sqlglot adds some of its own to say how it understood."""


class _Parser(Parser):
    """sqlglot's parser without the functions that it knows: a call is a name with arguments, whatever the name."""

    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {}
    NO_PAREN_FUNCTIONS: ClassVar = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {"CASE": Parser.NO_PAREN_FUNCTION_PARSERS["CASE"]}
    SUBQUERY_PREDICATES: ClassVar = {}

    def expression(self, instance: Any, token: Token | None = None, comments: list[str] | None = None) -> Any:
        made = super().expression(instance, token, comments)
        if isinstance(made, exp.Paren):
            made.meta[WRITTEN] = True
        if "start" not in made.meta and not any(True for _ in made.iter_expressions()):
            made.meta["start"] = self._prev.start if self._prev else 0
        return made


class Text:
    """A condition as it was written; `line` and `column` are where it begins in its file."""

    def __init__(self, text: str, line: int = 1, column: int = 1) -> None:
        self.text = text
        self._line, self._column = line, column

    def problem(self, offset: int, message: str) -> Problem:
        """A mistake at `offset` (characters from 0)."""
        before = self.text[:offset]
        lines = before.count("\n")
        column = offset - (before.rfind("\n") + 1) + (self._column if lines == 0 else 1)
        return Problem(self._line + lines, column, message)

    def parsed(self) -> exp.Expr:
        """sqlglot's tree; raises RuleError."""
        if not self.text.strip():
            raise RuleError([self.problem(0, "the condition is empty")])
        if len(self.text) > TEXT_LENGTH_MAX:
            raise RuleError([self.problem(TEXT_LENGTH_MAX, f"a condition has at most {TEXT_LENGTH_MAX} characters")])
        if problems := list(self._signs()):
            raise RuleError(problems)
        tokens = self._tokens()
        if problems := list(self._words(tokens)):
            raise RuleError(problems)
        try:
            trees = _Parser().parse(tokens, self.text)
        except sqlglot.errors.ParseError as error:
            raise RuleError([self._explained(error)]) from error
        if len(trees) != 1 or trees[0] is None:
            raise RuleError([self.problem(0, "a rule is one condition")])
        return trees[0]

    def _signs(self) -> Iterator[Problem]:
        """Mistakes in single characters outside of text."""
        quote, opened = "", 0
        for at, sign in enumerate(self.text):
            if quote:
                if sign == quote:
                    quote = ""
                elif ord(sign) < 32 or 0xD800 <= ord(sign) <= 0xDFFF:
                    yield self.problem(at, "text has no line breaks, control signs or halves of characters")
                    return
            elif sign in "'\"":
                quote, opened = sign, at
            elif sign in FULL_WIDTH:
                yield self.problem(at, f"{sign} is not a sign of the language; write {FULL_WIDTH[sign] or 'nothing'}")
            elif sign in STRANGE_SIGNS and self.text[at : at + 2] != "!=":
                if at == 0 or self.text[at - 1] != sign:  # && and :: are one mistake
                    yield self.problem(at, f"{sign} is not a sign of the language: {STRANGE_SIGNS[sign]}")
            elif self.text[at : at + 2] in ("--", "/*"):
                yield self.problem(at, "remarks belong into the description of the rule")
                return
            elif not sign.isascii():
                yield self.problem(at, f"{sign} stands outside of text; text is written in single quotes: '…'")
                return
            elif not sign.isprintable() and sign not in "\n\r\t":
                yield self.problem(at, "a sign that cannot be printed stands here; leave it out")
        if quote:
            yield self.problem(opened, f"the text that begins here is not closed; {quote} is missing at its end")

    def _tokens(self) -> list[Token]:
        try:
            return Tokenizer().tokenize(self.text)
        except sqlglot.errors.TokenError as error:  # quotes are closed already; what is left is rare
            raise RuleError(
                [self.problem(0, "this cannot be read as SQL; write conditions joined by AND, OR")]
            ) from error

    def _words(self, tokens: list[Token]) -> Iterator[Problem]:
        """Mistakes in single words, and what would be too deep or too long to parse."""
        if len(tokens) > TOKENS_MAX:
            yield self.problem(tokens[TOKENS_MAX].start, f"a condition has at most {TOKENS_MAX} words and signs")
            return
        opened: list[Token] = []
        run = 0
        for token in tokens:
            word = token.text.lower()
            run = run + 1 if token.token_type in (TokenType.NOT, TokenType.DASH, TokenType.PLUS) else 0
            if token.token_type in (TokenType.L_PAREN, TokenType.CASE):
                opened.append(token)
            elif token.token_type in (TokenType.R_PAREN, TokenType.END) and opened:
                if (opened[-1].token_type is TokenType.CASE) == (token.token_type is TokenType.END):
                    opened.pop()
            elif token.token_type is TokenType.R_PAREN:
                yield self.problem(token.start, "this parenthesis was not opened")
            elif word in STRANGE_WORDS and token.token_type not in (TokenType.STRING, TokenType.IDENTIFIER):
                hint = f'the field is written "{word}", in double quotes' if word == "from" else ""
                yield self.problem(token.start, _QUERY + (f"; {hint}" if hint else ""))
                return
            elif word == "==":
                yield self.problem(token.start, "equality is written with one =")
            if len(opened) > DEPTH_MAX or run > 3:
                yield self.problem(token.start, f"this is nested too deeply; {DEPTH_MAX} levels are allowed")
                return
        for token in opened:
            case = token.token_type is TokenType.CASE
            yield self.problem(token.start, "END is missing to this CASE" if case else "this parenthesis is not closed")

    def _explained(self, error: sqlglot.errors.ParseError) -> Problem:
        """The parser's complaint in plain words."""
        first = error.errors[0] if error.errors else {}
        word = str(first.get("highlight") or "")
        end = int(first.get("col") or 1)
        line = int(first.get("line") or 1)
        lines = self.text.split("\n")
        offset = sum(len(each) + 1 for each in lines[: line - 1]) + end - len(word)
        if "Required keyword" in str(first.get("description")):
            return self.problem(offset, f"a value is missing beside {word}")
        return self.problem(max(0, offset), f"{word or 'the end'} is not expected here; join conditions by AND or OR")
