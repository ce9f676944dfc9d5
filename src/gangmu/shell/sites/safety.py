"""What must be set before others than the people at this machine are served. Without it the product does not start."""

from collections.abc import Mapping, Sequence

from gangmu.shell.sites.networks import is_loopback, read_networks

LISTS = ("GANGMU_TRUSTED_PROXIES", "GANGMU_OFFICE_NETWORKS")


def serves_others(hosts: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether anybody but this machine is meant to come: it listens to the network, or stands behind a proxy, or has
    a name."""
    return (
        any(not is_loopback(host) for host in hosts)
        or bool(environment.get("GANGMU_TRUSTED_PROXIES", "").strip())
        or any(not is_loopback(host) for host in _names(environment))
    )


def refusals(hosts: Sequence[str], environment: Mapping[str, str], *, has_certificate: bool = False) -> list[str]:
    """Why the sites must not be served like this, each with what to set; nothing when they may.

    Args:
        hosts: where the sites listen.
        environment: the process's environment.
        has_certificate: whether the server itself speaks TLS.
    """
    found = [problem for name in LISTS if (problem := _unreadable(name, environment))]
    if not serves_others(hosts, environment):
        return found
    if environment.get("GANGMU_DEMONSTRATION") == "1":
        found.append(
            "GANGMU_DEMONSTRATION is set: a demonstration signs anybody in and is for this machine alone. Unset it. "
            "演示模式任何人都可登录，只能在本机使用：请取消 GANGMU_DEMONSTRATION。"
        )
    names = _names(environment)
    if not names or any(name.startswith("*") for name in names):
        found.append(
            "GANGMU_ALLOWED_HOSTS does not name the hosts under which the sites are reached. Set it, for example "
            "GANGMU_ALLOWED_HOSTS=figures.example.com,office.example.com. "
            "请在 GANGMU_ALLOWED_HOSTS 中写明访问网站所用的主机名。"
        )
    if environment.get("GANGMU_HTTPS") != "1" and not has_certificate:
        found.append(
            "the sites are not served over HTTPS. Give --certificate and --key, or set GANGMU_HTTPS=1 where a proxy in "
            "front speaks HTTPS (and GANGMU_TRUSTED_PROXIES to its address). "
            "未使用 HTTPS：请给出 --certificate 与 --key，或在前置代理提供 HTTPS 时设置 GANGMU_HTTPS=1。"
        )
    return found


def _names(environment: Mapping[str, str]) -> list[str]:
    return [name for name in (one.strip() for one in environment.get("GANGMU_ALLOWED_HOSTS", "").split(",")) if name]


def _unreadable(name: str, environment: Mapping[str, str]) -> str:
    try:
        read_networks(environment.get(name, ""), name)
    except ValueError as problem:
        return str(problem)
    return ""
