"""The monitors of the sellers desk in a replay, and nothing that only the store or the web needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.engine.stream.asking import Asking, nobody_asked
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.sellers.certification.advising import CertificationMonitor
from agoranomos.sellers.conduct.desk import Suspects, nobody_suspects
from agoranomos.sellers.conduct.history import monitors as conduct_monitors
from agoranomos.sellers.conduct.policies import Policies, load_policies, policy_file
from agoranomos.sellers.identity import policy as application_policy
from agoranomos.sellers.identity.deciding import CHECK as APPLICATION
from agoranomos.sellers.identity.monitor import ApplicationMonitor
from agoranomos.sellers.links import policy as link_policy
from agoranomos.sellers.links.monitor import LinkMonitor


def tied_monitors(
    actions: ActionPolicy, conduct: Policies, links: link_policy.Policy, applications: application_policy.Policy,
    suspects: Suspects = nobody_suspects, asking: Asking = nobody_asked,
) -> list[Monitor]:  # fmt: skip
    """Those that ask each other, in the order in which they hear: an application is judged by what links and
    certification know of the applicant before they hear of it. `suspects`: how probably a text says or suspects a fake;
    `asking` lets checks ask the rule book.
    """
    about_conduct = conduct_monitors(actions, conduct, suspects, asking)
    linking = LinkMonitor(links)
    certified = [each.judged for each in about_conduct if isinstance(each, CertificationMonitor)]
    advisers = [linking.judged, *certified]
    judged = asking(lambda rules: ApplicationMonitor(applications, advisers, rules), APPLICATION)
    return [judged, *about_conduct, linking]


def monitors(
    actions: ActionPolicy, folders: Sequence[Path], suspects: Suspects, asking: Asking = nobody_asked
) -> list[Monitor]:
    """The same by the policies in the first of `folders` that has each, else as shipped."""
    return tied_monitors(
        actions,
        load_policies(folders),
        link_policy.load_policy(policy_file("links", folders)),
        application_policy.load_policy(policy_file("applications", folders)),
        suspects,
        asking,
    )
