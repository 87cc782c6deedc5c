"""The texts of the pages of rules."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "rules.title": ("Rules", "规则"),
        "rules.lead": (
            "A rule runs in shadow before it bites; a second person lets it go live.",
            "规则须先试运行，再由第二人批准后正式启用。",
        ),
        "rules.none": (
            "There is no rule yet. Write one, or take those that come with the system: agora rules propose --starter.",
            "尚无规则。请编写规则，或采用系统自带规则：agora rules propose --starter。",
        ),
        "rules.new": ("Write a rule", "编写规则"),
        "rules.rule": ("Rule", "规则"),
        "rules.live": ("Live", "正式"),
        "rules.shadow": ("In shadow", "试运行"),
        "rules.latest": ("Newest", "最新"),
        "rules.version": ("v{version}", "第 {version} 版"),
        "rules.since": ("since {since}", "自 {since}"),
        "rule.when": ("When", "条件"),
        "rule.as-data": ("As data", "数据"),
        "rule.put-shadow": ("Let the newest run in shadow", "最新版试运行"),
        "rule.promote": ("Ask for the shadow version to go live", "申请将试运行版本转正"),
        "rule.end": ("End it", "停用"),
        "rule.end-sure": (
            "End this rule? Nothing of it is evaluated any more; its versions stay.",
            "确定停用吗？不再评估，历史版本保留。",
        ),
        "rule.asked": ("Asked for; a second person decides.", "已提交申请，等待第二人裁定。"),
        "rule.history": ("What was done to it", "变更记录"),
        "rule.compare": ("Live and shadow, over the same time", "正式与试运行对比（同期）"),
        "rule.hits": ("Hits", "命中"),
        "rule.subjects": ("Subjects", "对象"),
        "rule.only-live": ("only the live one", "仅正式版"),
        "rule.both": ("both", "两者"),
        "rule.only-shadow": ("only the shadow", "仅试运行版"),
        "rule.incomplete": ("There were more hits; the first were compared.", "命中较多，仅比较前一部分。"),
        "rule.compare-none": (
            "A comparison needs a live version and one in shadow.",
            "需要同时有正式版和试运行版才能对比。",
        ),
        "editor.title": ("Write a rule", "编写规则"),
        "editor.lead": (
            "A rule is a condition over what happens and what was counted. It is checked as you write.",
            "规则是针对事件和统计特征的条件，编写时即时检查。",
        ),
        "editor.text": ("Rules, as YAML", "规则（YAML）"),
        "editor.features": ("Features that they ask, as YAML", "所用特征（YAML）"),
        "editor.fine": ("Fine: {count} rules can be proposed.", "检查通过：可提交 {count} 条规则。"),
        "editor.wrong": ("Not yet:", "尚有问题："),
        "editor.shadow": ("and let them run in shadow at once", "并立即试运行"),
        "editor.check": ("Check", "检查"),
        "editor.propose": ("Propose", "提交"),
        "editor.empty": ("Write a rule first.", "请先编写规则。"),
    }
)
