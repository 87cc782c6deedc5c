"""What is attached to a case, on its page: putting a file there, and opening one, which is written down."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from litestar import Response, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.cases.more_api import BYTES, FILE_MAX
from agoranomos.cases.rooms import Cases
from agoranomos.console.addresses import with_query
from agoranomos.console.frame import AnyRequest
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.staff.browsers import field
from agoranomos.web.auth import PERMISSION, caller_of

_WORK: Final = {PERMISSION: "cases.work"}
_PURPOSE_MAX: Final = 200
_FORM_MAX: Final = FILE_MAX + 20_000
"""The file with what a form puts around it."""
_ENDINGS: Final = {
    "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "application/pdf": "pdf",
    "application/zip": "zip", "text/plain": "txt",
}  # fmt: skip
Shown = Callable[[AnyRequest, str, str], Template]
"""The page of a case that says what went wrong."""


def papers_handlers(cases: Cases, shown: Shown) -> list[Any]:
    """`…/attachments`: one more, and opening one."""

    @post("/{case_id:str}/attachments", sync_to_thread=True, opt=_WORK, request_max_body_size=_FORM_MAX)
    def attach(request: AnyRequest, case_id: FromPath[str], data: MultipartBody[dict[str, Any]]) -> Response[Any]:
        sent = data.get("file")
        try:
            if not isinstance(sent, UploadFile) or not sent.filename:
                raise Invalid("choose a file", pointer="/file")
            cases.papers.attach(case_id, sent.filename[:255], sent.file.read(), by=caller_of(request).actor)
        except (Conflict, Invalid) as error:
            return shown(request, case_id, error.message)
        return Redirect(with_query("/cases", id=case_id), status_code=303)

    # A button, not a link: that it was opened and what for becomes a step of the case.
    @post("/{case_id:str}/attachments/{paper_id:str}", status_code=200, sync_to_thread=True, opt=_WORK)
    def take(
        request: AnyRequest, case_id: FromPath[str], paper_id: FromPath[str], data: URLEncodedBody[dict[str, Any]]
    ) -> Response[Any]:
        purpose = field(data, "purpose").strip()
        try:
            if len(purpose) > _PURPOSE_MAX:
                raise Invalid(f"say in at most {_PURPOSE_MAX} characters what it is opened for", pointer="/purpose")
            paper, content = cases.papers.open(case_id, paper_id, purpose, by=caller_of(request).actor)
        except Invalid as error:
            return shown(request, case_id, error.message)
        name = f"{paper.sha256[:16]}.{_ENDINGS.get(paper.media_type, 'bin')}"
        return Response(content, media_type=BYTES, headers={"Content-Disposition": f'attachment; filename="{name}"'})

    return [attach, take]
