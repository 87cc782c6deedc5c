"""The texts around the report; those of the report itself are its own."""

from __future__ import annotations

from typing import Final

from agoranomos.reports.integrity.wording import TEXTS as REPORT
from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {f"report.{key}": (REPORT.text("en", key), REPORT.text("zh", key)) for key in REPORT.keys}
    | {
        "report.lead": (
            "How the market did in a time, against the time before. Each figure has its rows in a file.",
            "市场在某一时段的表现及与上期的对比。每个指标的明细均见文件。",
        ),
        "report.new": ("Make a report", "生成报告"),
        "report.first": ("First day", "起始日"),
        "report.last": ("Last day", "截止日"),
        "report.make": ("Make it", "生成"),
        "report.usual": ("Days of Asia/Shanghai, both included.", "按 Asia/Shanghai 日历日，含首尾两日。"),
        "report.all": ("Reports", "全部报告"),
        "report.empty": ("No report has been made yet.", "尚未生成任何报告。"),
        "report.waiting": (
            "This report is being made. The page looks again by itself.",
            "报告正在生成，本页将自动刷新。",
        ),
        "report.look-again": ("Look again", "刷新"),
        "report.failed": ("This report could not be made: {reason}", "报告生成失败：{reason}"),
        "report.files": ("Files", "文件"),
        "report.page": ("Page (HTML)", "网页（HTML）"),
        "report.paper": ("PDF", "PDF"),
        "report.figures": ("Figures (CSV)", "指标（CSV）"),
        "report.months-file": ("By month (CSV)", "按月（CSV）"),
        "report.statements-file": ("Statements of reasons (CSV)", "处理决定说明（CSV）"),
        "report.statements-json": ("Statements of reasons (JSON)", "处理决定说明（JSON）"),
        "report.rows-file": ("Rows (CSV)", "明细（CSV）"),
        "report.state.waiting": ("being made", "生成中"),
        "report.state.done": ("done", "已完成"),
        "report.state.failed": ("failed", "失败"),
        "report.by": ("asked for by {by}", "申请人：{by}"),
        "report.gone": (
            "The files of this report are not on this machine; make it again.",
            "此报告的文件不在本机，请重新生成。",
        ),
    }
)
