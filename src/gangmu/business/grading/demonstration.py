"""The demonstration's systems with their grades, this product first: confirmed by the parties as anybody would."""

from collections.abc import Mapping

from gangmu.duties.grading import services
from gangmu.duties.grading.models import Grading
from gangmu.duties.grading.services import inheriting
from gangmu.duties.resources.models import Resource
from gangmu.foundation.accounts.models import User
from gangmu.foundation.approvals import queries as approvals
from gangmu.foundation.approvals import services as approving
from gangmu.foundation.approvals import subjects
from gangmu.foundation.approvals.models import Case

PARTIES = ("business", "technical", "sponsor", "operation")
# System, scheme, factors, why, and how many parties have confirmed; all when left out.
GRADES: tuple[tuple[str, str, Mapping[str, str], str, int], ...] = (
    ("GANGMU", "HS/T-42", {"realtime": "medium", "sensitivity": "medium", "dependency": "high"},
     "每日 07:00–10:00 各电厂填报，中断半日将影响集团经营日报；可补报，不直接影响交易。", 4),
    ("GANGMU", "GB/T-22240",
     {"information_object": "citizens", "information_degree": "serious",
      "service_object": "society", "service_degree": "serious"},
     "汇总全集团经营数据，服务中断影响集团经营秩序。", 2),
    ("TRADE", "HS/T-42", {"realtime": "high", "impact": "major"}, "申报窗口按分钟计，错过即造成直接损失。", 4),
    ("DISPATCH", "HS/T-42", {"realtime": "high", "impact": "large"}, "调度数据实时交换。", 4),
    ("SETTLE", "HS/T-42", {"realtime": "medium", "impact": "obvious"}, "按月结算，可延后一日。", 4),
    ("ERP", "HS/T-42", {"realtime": "medium", "sensitivity": "medium", "dependency": "medium"}, "工作时段使用。", 4),
    ("FUEL", "HS/T-42", {"realtime": "low", "impact": "slight"}, "可离线记录后补录。", 4),
    ("OA", "HS/T-42", {"realtime": "low", "impact": "slight"}, "可用电话、纸面代替。", 4),
    ("PORTAL", "HS/T-42", {"realtime": "low", "impact": "none"}, "各系统可直接访问。", 4),
    ("MAIL", "HS/T-42", {"realtime": "low", "sensitivity": "medium", "dependency": "medium"}, "对外往来依赖邮件。", 1),
)  # fmt: skip
TAKEN_OVER = ("DB-MAIN", "VIRT", "IAM")


def grade_systems(people: Mapping[str, User]) -> int:
    """Grade the systems that are there, once. `people` are the parties' accounts and `asker`, by these names."""
    if Grading.objects.exists():
        return 0
    systems = {one.code: one for one in Resource.objects.all()}
    made = 0
    for code, scheme, factors, reason, confirmed in GRADES:
        if code in systems:
            grading = services.prepare_grading(systems[code], scheme, factors, by=people["asker"], reason=reason)
            case = services.submit_grading(grading, by=people["asker"], key=f"demonstration-{code}-{grading.pk}")
            for party in [one for one in PARTIES if one in grading.parties][:confirmed]:
                _confirm(case, people[party])
            made += 1
    for code in TAKEN_OVER:
        if code in systems:
            inheriting.take_over(systems[code], "HS/T-42", by=people["sponsor"])
    return made


def _confirm(case: Case, by: User) -> None:
    now = Case.objects.get(pk=case.pk)
    (place, *_more) = approvals.places_of(now, by)
    seen = subjects.kind_of(now.kind).content_hash(now.subject_id)
    approving.approve(now.pk, by=by, seen=seen, key=f"demonstration-{now.pk}-{place.number}", place=place.number)
