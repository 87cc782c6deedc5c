"""Every word on the pages of sign-in and account, in English and Chinese."""

from __future__ import annotations

from typing import Final

from agoranomos.staff.roles import PERMISSIONS, Role
from agoranomos.web.i18n import BASE, Catalogue

PERMISSIONS_ZH: Final = {
    "access.approve": "同意数据以文件形式或向境外地区提供",
    "access.manage": "布设蜜罐数据、申请导出、设定读取限额、生成泄露范围",
    "access.read": "查看谁在读取用户数据、读取多少、哪些数据流出",
    "actions.read": "查看已执行和待执行的操作",
    "actions.request": "申请操作、停止熔断、撤销批量措施",
    "approvals.decide": "作为第二人审批",
    "approvals.read": "查看待第二人审批的事项",
    "audit.read": "查看审计日志及其证明",
    "batches.read": "追溯批次涉及的商品、订单和买家",
    "brands.manage": "接受、合并、驳回品牌，指定授权店铺",
    "brands.read": "查看品牌库及待定品牌",
    "cases.lead": "挑选、指派和批量裁定案件，处理升级案件",
    "cases.quality": "植入已知案件，评估裁定质量，据此校准评分",
    "cases.read": "查看案件和队列",
    "cases.work": "领取下一个案件并裁定",
    "checks.run": "发起检查",
    "conduct.manage": "记录主观意图，冻结和解冻货款，处理申诉和现场认证",
    "conduct.read": "查看卖家的扣分、冻结货款、申诉和信用",
    "decisions.read": "查看决定",
    "events.read": "查看事件日志",
    "events.write": "发送事件",
    "findings.read": "查看发现",
    "harassment.report": "代买家举报骚扰，买家立即受到保护",
    "insiders.read": "查看对员工的发现",
    "keys.manage": "创建、轮换和吊销 API 密钥",
    "metrics.read": "查看运行指标",
    "notices.decide": "裁定权利人通知",
    "notices.file": "提交权利人通知，代卖家答复",
    "notices.read": "查看权利人通知和决定理由说明",
    "numbers.manage": "绑定、更换和终止虚拟号码",
    "numbers.read": "查看订单的虚拟号码（隐去号码）及其通话次数",
    "numbers.route": "查询虚拟号码来电是否接通",
    "people.manage": "添加人员，授予和收回角色",
    "programmes.approve": "作为第二人审批整改计划的加入",
    "programmes.manage": "申请违规卖家加入整改计划，终止计划",
    "programmes.read": "查看谁在整改及其进度",
    "promotions.read": "查看促销活动及支出，上线前检查",
    "queues.read": "查看优先处理的事项",
    "referrals.approve": "作为第二人审批移送给有权机关的内容",
    "referrals.manage": "向有权机关移送事项，制作和领取证据包，记录结果",
    "referrals.read": "查看移送事项及其结果",
    "reports.make": "生成诚信报告",
    "reports.read": "查看诚信报告及全部明细",
    "redress.read": "查看确认假货后的处理和店铺欠款",
    "retention.approve": "作为第二人审批解除保全",
    "retention.manage": "设置保全，申请解除保全",
    "retention.read": "查看数据保存期限、保全和清理记录",
    "reviews.read": "查看店铺评分，以及被购买、勒索或施压的评价",
    "rules.approve": "作为第二人审批规则",
    "rules.read": "查看规则、名单和静默设置",
    "rules.write": "提出规则、影子运行、下线规则，管理名单和静默设置",
    "testbuys.approve": "作为第二人审批抽检计划",
    "testbuys.manage": "制定、抽取和跟进抽检，录入鉴定结论，查看买手",
    "testbuys.read": "查看抽检计划、抽检和对在售商品的推断",
    "vault.approve": "作为第二人审批批量读取个人数据的申请",
    "vault.erase": "申请删除个人数据，并在获同意后执行",
    "vault.read": "查看谁凭何种许可读取了个人数据，以及删除证明",
    "vault.reveal": "为特定目的和案件读取个人数据原文",
    "vault.search": "查找某个电话号码、姓名等信息属于谁",
    "webhooks.manage": "设置操作的送达地址，重新送达",
}
ROLES: Final = {
    Role.ANALYST: ("Risk analyst", "风控分析师"),
    Role.BRAND_PROTECTION: ("Brand protection", "品牌保护"),
    Role.CUSTOMER_SERVICE: ("Customer service", "客服"),
    Role.PROMOTION_MANAGER: ("Promotion manager", "营销活动经理"),
    Role.PRIVACY_OFFICER: ("Privacy officer", "隐私保护专员"),
    Role.AUDITOR: ("Auditor", "审计员"),
    Role.HEAD_OF_GOVERNANCE: ("Head of governance", "平台治理负责人"),
    Role.ADMIN: ("Administrator", "管理员"),
}

_PERMISSIONS: Final = {
    f"permission.{name}": (text[0].upper() + text[1:], PERMISSIONS_ZH.get(name, text))
    for name, text in PERMISSIONS.items()
}
TEXTS: Final = (
    BASE
    | Catalogue(_PERMISSIONS)
    | Catalogue({f"role.{role}": names for role, names in ROLES.items()})
    | Catalogue(
        {
            "sign-in.title": ("Sign in", "登录"),
            "sign-in.lead": ("For the people who keep this marketplace honest.", "供维护市场诚信的工作人员使用。"),
            "sign-in.email": ("E-mail address", "邮箱地址"),
            "sign-in.password": ("Password", "密码"),
            "sign-in.do": ("Sign in", "登录"),
            "sign-in.or": ("or", "或"),
            "sign-in.company": ("Use the company account", "使用企业账户登录"),
            "sign-in.nobody": (
                "Nobody was added yet. On the machine that runs this, make the first administrator:",
                "尚未添加任何人员。请在运行本系统的机器上创建首位管理员：",
            ),
            "wrong.sign-in": (
                "The address or the password is wrong, or the account is closed or, after many attempts, blocked.",
                "登录失败：邮箱或密码有误，或者账户已停用，或因多次尝试被暂时锁定。",
            ),
            "wrong.unknown": (
                "Your company account is in order, but has no access here. Ask an administrator to add its address.",
                "企业账户验证成功，但您尚未获得本系统的访问权限。请联系管理员添加您的邮箱地址。",
            ),
            "wrong.stale": (
                "That sign-in was begun in another window, or too long ago. Please begin again.",
                "该登录请求来自其他窗口或已过期，请重新登录。",
            ),
            "wrong.refused": (
                "The company account could not be confirmed. Please begin again.",
                "无法确认企业账户，请重新登录。",
            ),
            "wrong.away": (
                "The company sign-in does not answer at the moment. Please try again later.",
                "企业登录服务暂无响应，请稍后再试。",
            ),
            "done.password": ("Your password is changed. Sign in with the new one.", "密码已修改，请使用新密码登录。"),
            "done.out": ("You are signed out.", "您已退出登录。"),
            "done.others": ("You are signed out in all other browsers.", "已在其他浏览器中退出登录。"),
            "account.local": ("The person at this machine", "本机操作者"),
            "account.local.lead": (
                "Nobody was added yet, so whoever works at this machine may do everything.",
                "尚未添加任何人员，因此在本机操作的人拥有全部权限。",
            ),
            "account.id": ("Id", "编号"),
            "account.roles": ("Your roles", "我的角色"),
            "account.roles.none": (
                "You have no role yet: ask an administrator for one.",
                "您还没有角色，请联系管理员授予。",
            ),
            "account.may": ("What you may do", "您可以执行的操作"),
            "account.where": ("Where you are signed in", "登录的浏览器"),
            "account.here": ("This browser", "当前浏览器"),
            "account.other": ("Another browser", "其他浏览器"),
            "account.since": ("since {began}, last used {seen}", "登录于 {began}，最近使用 {seen}"),
            "account.end-others": ("Sign out everywhere else", "在其他浏览器中退出"),
            "account.password": ("Change your password", "修改密码"),
            "account.password.lead": (
                "At least {least} characters; a few words make a good one. Afterwards you sign in again everywhere.",
                "至少 {least} 个字符，几个词语的组合即可。修改后需要重新登录。",
            ),
            "account.password.old": ("Present password", "当前密码"),
            "account.password.new": ("New password", "新密码"),
            "account.password.again": ("New password again", "再次输入新密码"),
            "account.password.do": ("Change the password", "修改密码"),
            "wrong.old": ("The present password is another.", "当前密码不正确。"),
            "wrong.again": ("The two new passwords differ.", "两次输入的新密码不一致。"),
            "wrong.length": ("A password has {least} to {most} characters.", "密码须为 {least} 至 {most} 个字符。"),
        }
    )
)
