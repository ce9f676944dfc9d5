"""From the file to lines. The columns are those of the export, so that what goes out can come back in."""

from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.foundation.documents.workbooks.tables import Layout, Line, read_table
from gangmu.foundation.settings.textfiles import Unreadable

OF_RESOURCE = (
    *("code", "kind", "name_zh", "name_en", "organisation", "supporting", "responsible", "post"),
    *("valid_from", "valid_to", "attributes", "remark"),
)
OF_DEPENDENCY = ("needs", "group", "needed", "needs_from", "needs_to")
COLUMNS = OF_RESOURCE + OF_DEPENDENCY
CALLED = {
    "code": ("编码", "资源编码", "resource", "resource code"),
    "kind": ("类型", "类别", "资源类型", "资源类别", "type"),
    "name_zh": ("中文名称", "名称", "name", "chinese name"),
    "name_en": ("英文名称", "english name"),
    "organisation": (
        *("组织编码", "单位编码", "所属单位", "所属单位编码"),
        *("owner", "organisation code", "organization", "organization code"),
    ),
    "supporting": ("支撑", "是否支撑", "支撑性"),
    "responsible": ("责任人", "responsible person"),
    "post": ("责任岗位", "岗位", "responsible post"),
    "valid_from": ("登记日期", "开始日期", "valid from", "from"),
    "valid_to": ("最后一天", "结束日期", "valid to", "to"),
    "attributes": ("属性", "particulars"),
    "remark": ("备注", "remarks"),
    "needs": ("依赖", "依赖资源", "depends on", "on"),
    "group": ("冗余组", "redundancy group"),
    "needed": ("组内所需数量", "所需数量", "of which suffice"),
    "needs_from": ("依赖开始日期", "needs from"),
    "needs_to": ("依赖最后一天", "needs to"),
}
LAYOUT = Layout(("code",), COLUMNS[1:], CALLED, most_lines=20_000)


def read(path: Path, name: str = "") -> list[Line]:
    """The lines of a file of resources.

    Args:
        name: how people call the file, when it lies elsewhere under another name.

    Raises:
        Unreadable: it is no such table, too large, or something that is not opened.
    """
    lines = read_table(path, LAYOUT, name)
    if not lines:
        called = name or path.name
        raise Unreadable(_("%(file)s names no resource: below its first line nothing stands.") % {"file": called})
    return lines
