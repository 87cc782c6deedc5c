"""`agora sellers courses` and `quiz`."""

from __future__ import annotations

import click

from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.conduct.printing import ConductContext
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


@click.command()
@json_option
@click.pass_obj
def courses(context: ConductContext, as_json: bool) -> None:
    """List the courses that take points off."""
    found = context.sellers.offices.education.listed()
    lines = (f"{each.course_id}  {each.title.en}  {each.title.zh}  {len(each.questions)} questions" for each in found)
    write_out({"items": found}, as_json, *lines)


@click.command()
@click.argument("seller_id")
@click.argument("course_id")
@click.argument("answers")
@json_option
@click.pass_obj
def quiz(context: ConductContext, seller_id: str, course_id: str, answers: str, as_json: bool) -> None:
    """Answer a quiz for a seller: numbers of choices, such as 2,3,1."""
    try:
        given = [int(each) for each in answers.split(",")]
    except ValueError as error:
        raise Invalid("answers are numbers of choices with commas between them, such as 2,3,1") from error
    attempt = context.sellers.offices.education.answer(seller_id, course_id, given, by=LOCAL)
    says = "passed; the course is completed" if attempt.passed else "not passed"
    write_out(attempt, as_json, f"{attempt.right_answers} of {attempt.asked} right: {says}")
