"""The variables of a compiled function: what is read from the event at its start, and what is kept once looked up.

Plain fields cost little and are read at the start. What costs more (features, lists, scores, moments, lists of text,
functions that stand more than once) is looked up when it is first needed, and kept until the function returns.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from agoranomos.engine.rules.runtime import NAMESPACE
from agoranomos.engine.rules.tree import Field, Leaf, Node, Type

_CLASSES: Final = {Type.INTEGER: "int", Type.TEXT: "str", Type.BOOLEAN: "bool"}


class Variables:
    """Names of everything that the code of one function uses; `start` are the lines at its beginning."""

    def __init__(self) -> None:
        self.namespace: dict[str, Any] = dict(NAMESPACE)
        self._reads: list[str] = []
        self._constants: dict[tuple[type, Any], str] = {}
        self._objects: dict[tuple[str, ...], str] = {}
        self._fields: dict[Leaf, str] = {}
        self._kept: dict[Node, tuple[str, str]] = {}
        self._temps = 0

    @property
    def start(self) -> list[str]:
        """Reads the fields, and marks everything else as not looked up yet."""
        kept = [name for name, _ in self._kept.values()]
        return [*self._reads, *([f"{' = '.join(kept)} = MISSING"] if kept else [])]

    def constant(self, value: Any) -> str:
        """Code for a constant: numbers and truth values as they are, the rest by a name in the namespace."""
        if value is None or value.__class__ is bool:
            return repr(value)
        if value.__class__ in (int, float):
            return f"({value!r})"
        key = (value.__class__, value)
        if key not in self._constants:
            self._constants[key] = f"K{len(self._constants)}"
            self.namespace[self._constants[key]] = value
        return self._constants[key]

    def temporary(self) -> str:
        """A name that nothing else uses."""
        self._temps += 1
        return f"t{self._temps}"

    def field(self, leaf: Leaf, source: Field) -> str:
        """The variable of a plain field; None when it is absent or of another type."""
        if leaf in self._fields:
            return self._fields[leaf]
        read = self.read(source.path)
        name = self._fields[leaf] = f"v{len(self._fields)}"
        if source.loose or leaf.type is Type.NUMBER:
            self._reads.append(f"{name} = {'loose_text' if source.loose else 'number'}({read})")
            return name
        self._reads.append(f"{name} = {read}")
        if source.default is not None:
            self._reads.append(f"if {name} is None: {name} = {self.constant(source.default)}")
        other = f"{name}.__class__ is not {_CLASSES[leaf.type]}"
        if leaf.type is Type.INTEGER:
            other += f" or not INT_MIN <= {name} <= INT_MAX"
        self._reads.append(f"if {other}: {name} = None")
        return name

    def read(self, path: tuple[str, ...]) -> str:
        """Code for what stands at `path` in the data."""
        key = self.constant(path[-1])
        if len(path) == 1:
            return f"data.get({key})"
        holder = self._object(path[:-1])
        return f"({holder}.get({key}) if {holder} is not None else None)"

    def _object(self, path: tuple[str, ...]) -> str:
        if path not in self._objects:
            read = self.read(path)
            name = self._objects[path] = f"o{len(self._objects)}"
            self._reads += [f"{name} = {read}", f"if {name}.__class__ is not dict: {name} = None"]
        return self._objects[path]

    def kept(self, node: Node, code: Callable[[], str]) -> str:
        """Code for the value of `node` that looks it up once, by the code that `code` gives."""
        if node not in self._kept:
            made = code()
            self._kept[node] = (f"L{len(self._kept)}", made)
        name, made = self._kept[node]
        return f"({name} if {name} is not MISSING else ({name} := {made}))"
