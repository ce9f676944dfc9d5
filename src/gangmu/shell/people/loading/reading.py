"""From the file to lines: what stands in each field, and what is wrong with the file as a whole."""

from pathlib import Path

from django.utils.translation import gettext as _

from gangmu.foundation.documents.workbooks.tables import Layout, Line, read_table
from gangmu.foundation.settings.textfiles import Unreadable

REQUIRED = ("username", "organisation")
OPTIONAL = ("name_zh", "name_en", "post", "part", "telephone", "mail", "valid_from", "valid_to")
COLUMNS = ("username", "name_zh", "name_en", *("organisation", "post", "part", "telephone", "mail"), *OPTIONAL[-2:])
CALLED = {
    "username": ("用户名", "账号", "登录名", "user name", "person", "人员"),
    "name_zh": ("姓名", "中文姓名", "name", "chinese name"),
    "name_en": ("英文姓名", "english name"),
    "organisation": ("组织编码", "单位编码", "organisation code", "organization", "organization code"),
    "post": ("岗位", "职务"),
    "part": ("主备", "primary or backup"),
    "telephone": ("电话", "手机", "phone", "mobile"),
    "mail": ("邮箱", "电子邮箱", "email", "e-mail"),
    "valid_from": ("开始日期", "起始日期", "valid from", "from"),
    "valid_to": ("结束日期", "截止日期", "最后一天", "valid to", "to"),
}
LAYOUT = Layout(REQUIRED, OPTIONAL, CALLED)


def read(path: Path, name: str = "") -> list[Line]:
    """The lines of a file of people.

    Args:
        name: how people call the file, when it lies elsewhere under another name.

    Raises:
        Unreadable: it is no such table, too large, or something that is not opened.
    """
    lines = read_table(path, LAYOUT, name)
    if not lines:
        called = name or path.name
        raise Unreadable(_("%(file)s names nobody: below its first line nothing stands.") % {"file": called})
    return lines
