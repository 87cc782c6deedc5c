"""YAML with places: plain values, and for each of them where it stands in the file.

Read strictly, as JSON would be: `true`, `false`, `null`, numbers and text. No dates, no `yes` and `no` that become
truth values, no tags, no anchors (a short file could stand for a huge value), no key twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import yaml

from agoranomos.engine.rules.errors import Problem, RuleError

_FAST: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""By libyaml where PyYAML was built with it: ten times as fast."""
FILE_LENGTH_MAX: Final = 1 << 20
DEPTH_MAX: Final = 30
NODES_MAX: Final = 1 << 20
"""Values in a file, those that an alias repeats counted each time; as many as there could be signs."""
_INTEGER: Final = re.compile(r"[-+]?(0|[1-9][0-9]{0,40})")
_NUMBER: Final = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?")
_WORDS: Final = {"true": True, "false": False, "null": None, "~": None, "": None}


class Snippet(NamedTuple):
    """A scalar as it stands in the file, and where it begins, counted from 1."""

    text: str
    line: int
    column: int


class Document:
    """A file: `value`, and the places of what is in it by JSON pointer."""

    def __init__(self, text: str, file: str = "", *, aliases: bool = False) -> None:
        """Raises RuleError where `text` is not such YAML. `aliases`: what programs write, who name a value that stands
        in two places; what it stands for is bounded instead.
        """
        self._text, self._file, self._aliases = text, file, aliases
        self._built_nodes = 0
        self._nodes: dict[str, yaml.Node] = {}
        if len(text) > FILE_LENGTH_MAX:
            raise RuleError([Problem(1, 1, "a file of rules has at most 1 MiB; split it", file)])
        try:
            root = self._root()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise RuleError([Problem(line, column, f"this is not YAML: {error.problem}", file)]) from error
        except yaml.reader.ReaderError as error:
            raise RuleError([Problem(1, 1, "a sign that YAML does not know stands in the file", file)]) from error
        self.value: Any = self._built(root, "") if root is not None else None

    def _root(self) -> yaml.Node | None:
        try:
            return self._composed(_FAST)
        except yaml.YAMLError:
            return self._composed(yaml.SafeLoader)  # its words and places are the same on every machine

    def _composed(self, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> yaml.Node | None:
        self._refuse_what_grows(loader)
        root: yaml.Node | None = yaml.compose(self._text, Loader=loader)
        return root

    def _refuse_what_grows(self, loader: type[yaml.SafeLoader | yaml.CSafeLoader]) -> None:
        depth = 0
        for event in yaml.parse(self._text, Loader=loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            refused = ""
            if not self._aliases and (isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None)):
                refused = "anchors and aliases are not used here; write the value out"
            elif getattr(event, "tag", None):
                refused = "tags are not used here"
            elif depth > DEPTH_MAX:
                refused = "this is nested too deeply"
            elif isinstance(event, yaml.DocumentStartEvent) and event.explicit and event.start_mark.line > 0:
                refused = "a file is one document; write several rules as a list"
            if refused:
                raise RuleError([Problem(event.start_mark.line + 1, event.start_mark.column + 1, refused, self._file)])

    def problem(self, pointer: str, message: str) -> Problem:
        """A mistake at the value of `pointer`, or at the nearest value that holds it."""
        while pointer and pointer not in self._nodes:
            pointer = pointer.rpartition("/")[0]
        node = self._nodes.get(pointer)
        line, column = (node.start_mark.line + 1, node.start_mark.column + 1) if node else (1, 1)
        return Problem(line, column, message, self._file)

    def snippet(self, pointer: str) -> Snippet:
        """The text at `pointer` as it stands in the file, with its line breaks and indents."""
        node = self._nodes[pointer]
        start, end = node.start_mark, node.end_mark
        assert isinstance(node, yaml.ScalarNode)
        if node.style in ("|", ">"):
            begin = self._text.index("\n", start.index) + 1
            return Snippet(self._text[begin : end.index], start.line + 2, 1)
        if not node.style:  # None, or "" by libyaml
            return Snippet(self._text[start.index : end.index], start.line + 1, start.column + 1)
        return Snippet(node.value, start.line + 1, start.column + 2)

    def _built(self, node: yaml.Node, pointer: str) -> Any:
        self._nodes.setdefault(pointer, node)
        self._built_nodes += 1
        if self._built_nodes > NODES_MAX or pointer.count("/") > DEPTH_MAX:
            raise RuleError([self.problem(pointer, "anchors make this too large")])
        if isinstance(node, yaml.MappingNode):
            return dict(self._pairs(node, pointer))
        if isinstance(node, yaml.SequenceNode):
            return [self._built(item, f"{pointer}/{place}") for place, item in enumerate(node.value)]
        assert isinstance(node, yaml.ScalarNode)
        return node.value if node.style else _plain(node.value)

    def _pairs(self, node: yaml.MappingNode, pointer: str) -> Iterator[tuple[str, Any]]:
        seen: set[str] = set()
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            at = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
            if name in seen or not isinstance(key, yaml.ScalarNode):
                self._nodes[at] = key
                raise RuleError([self.problem(at, f"{name or 'this key'} stands here twice, or is no plain word")])
            seen.add(name)
            yield name, self._built(value, at)


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text
