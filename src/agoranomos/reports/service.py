"""What HTTP, pages and commands share of reports: the store, the policy of cases, and the folder of what was made."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from agoranomos import __version__
from agoranomos.cases.desk.tools import Tools
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import AgoranomosError, Conflict, NotFound
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.store import Store
from agoranomos.reports import asked
from agoranomos.reports.asked import Asked
from agoranomos.reports.integrity.making import Report
from agoranomos.reports.integrity.period import Period
from agoranomos.reports.transparency.gathering import Scope

_OURS: Final = "it failed for a reason that lies with the server; its log says more"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReportService:
    """`tools` know the policy of cases, `home` is the folder under which reports are kept."""

    store: Store
    tools: Callable[[], Tools]
    clock: Clock
    home: Path

    def write(self, period: Period, folder: Path, scope: Scope) -> Report:
        """Makes the report and writes it into `folder`; see `integrity.files`."""
        # What draws charts and paper takes half a second to import, and few commands do.
        from agoranomos.reports.integrity.files import write  # noqa: PLC0415

        with self.store.reading() as connection:
            return write(connection, period, folder, tools=self.tools(), scope=scope, version=__version__)

    def ask(self, period: Period, scope: Scope, *, by: Actor) -> Asked:
        """See `asked.ask`."""
        with self.store.transaction() as connection:
            return asked.ask(connection, period, scope, by=by, now=self.clock())

    def do(self, job: Job) -> Callable[[sa.Connection], None]:
        """Makes the report whose id is the key of `job`; returns what to write."""
        report_id, draft = job.key, self._folder(job.key).with_suffix(".draft")
        try:
            with self.store.reading() as connection:
                wanted, scope = asked.get(connection, report_id), asked.scope_of(connection, report_id)
            shutil.rmtree(draft, ignore_errors=True)  # what a kill left
            report = self.write(Period(wanted.first, wanted.last), draft, scope)
            shutil.rmtree(self._folder(report_id), ignore_errors=True)
            draft.replace(self._folder(report_id))
        except AgoranomosError as error:
            message = error.message
            return lambda connection: asked.end(connection, report_id, reason=message, now=self.clock())
        except Exception as error:  # whoever asked must be told, and not wait for ever
            _log.warning("the report %s failed: %s", report_id, type(error).__name__, exc_info=error)
            return lambda connection: asked.end(connection, report_id, reason=_OURS, now=self.clock())
        return lambda connection: asked.end(connection, report_id, report=report, now=self.clock())

    def files(self, report_id: str) -> list[str]:
        """The names of its files, as `file` takes them; none of a report that was made on another machine."""
        folder = self._folder(report_id)
        return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    def file(self, report_id: str, name: str) -> Path:
        """Where a file of a report lies. Raises NotFound, Conflict while it is not made."""
        with self.store.reading() as connection:
            found = asked.get(connection, report_id)
        if found.state == "waiting":
            raise Conflict("this report is not made yet; ask again in a moment")
        if name not in self.files(report_id):
            raise NotFound("the report has no such file here; see `files`, and make it again where there are none")
        return self._folder(report_id) / name

    def prune(self) -> None:
        """Forgets reports that are too old, with their files."""
        with self.store.transaction() as connection:
            gone = asked.prune(connection, self.clock() - asked.KEPT)
        for report_id in gone:
            shutil.rmtree(self._folder(report_id), ignore_errors=True)

    def _folder(self, report_id: str) -> Path:
        # Ids of reports are ours: a prefix and hexadecimal digits.
        return self.home / "reports" / report_id
