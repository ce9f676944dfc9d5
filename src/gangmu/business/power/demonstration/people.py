"""Who files and who reviews at the demonstration's plants: accounts without a password, nobody can sign in to them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from gangmu.business.power.demonstration.figures import Plant, model_of
from gangmu.foundation.access.models import Assignment, Role
from gangmu.foundation.accounts.models import User
from gangmu.foundation.parties.models import Organisation

SINCE = date(2000, 1, 1)  # since when the demonstration's people hold their roles
STAFF = "demo-"


@dataclass(frozen=True)
class Staff:
    """Who files and who reviews at a plant."""

    clerk: User
    reviewer: User


@dataclass(frozen=True)
class Everybody:
    """The staff of each plant, the reviewer of each region, whoever decides for the group."""

    staff: Mapping[str, Staff]
    regions: Mapping[str, User]
    group: User


# What has no people of its own is filed by one of the group's centres 集控中心: code, name, the models of its plants.
CENTRES = (
    ("thermal", "集团火电生产中心", ("coal", "cogeneration", "gas")),
    ("hydro", "集团水电集控中心", ("hydro", "pumped_storage")),
    ("renewable", "集团新能源集控中心", ("onshore_wind", "offshore_wind", "solar", "storage", "virtual_plant")),
    ("other", "集团综合生产中心", ()),
)


def engage(
    plants: Sequence[Plant],
    regions: Mapping[str, User | None],
    of_their_own: Collection[str],
    given: Mapping[str, Staff],
    *,
    group: User,
) -> Everybody:
    """Make everybody who is not there yet.

    Args:
        plants: all who file.
        regions: each region's reviewer, where it is an account that can be signed in to.
        of_their_own: codes of plants that have people of their own.
        given: the staff of plants whose people are accounts that can be signed in to.
        group: whoever decides for the group.
    """
    places = Organisation.objects.in_bulk([*(plant.code for plant in plants), *regions], field_name="code")
    wanted: dict[str, tuple[str, Organisation | None]] = {}
    for code, name, _models in CENTRES:
        wanted |= {f"{code}-clerk": (f"{name}填报员", group.organisation)}
        wanted |= {f"{code}-reviewer": (f"{name}审核人", group.organisation)}
    for code in sorted(set(of_their_own) - given.keys()):
        wanted |= {f"{code}-clerk": (f"{places[code].name_zh[:40]}填报员", places[code])}
        wanted |= {f"{code}-reviewer": (f"{places[code].name_zh[:40]}审核人", places[code])}
    for code in sorted(region for region, user in regions.items() if user is None):
        wanted[f"{code}-region"] = (f"{places[code].name_zh[:40]}审核人", places[code])
    people = _people(wanted)
    staff = dict(given)
    held: list[tuple[User, str, Organisation]] = []
    for plant in plants:
        if plant.code not in given:
            desk = plant.code if plant.code in of_their_own else _centre(plant)
            staff[plant.code] = mine = Staff(people[f"{desk}-clerk"], people[f"{desk}-reviewer"])
            held += [(mine.clerk, "clerk", places[plant.code]), (mine.reviewer, "reviewer", places[plant.code])]
    held += [(people[f"{code}-region"], "reviewer", places[code]) for code, user in regions.items() if user is None]
    _give(held)
    return Everybody(staff, {code: user or people[f"{code}-region"] for code, user in regions.items()}, group)


def _centre(plant: Plant) -> str:
    return next((code for code, _name, models in CENTRES if model_of(plant) in models), CENTRES[-1][0])


def _people(wanted: Mapping[str, tuple[str, Organisation | None]]) -> dict[str, User]:
    names = {f"{STAFF}{key}": key for key in wanted}
    there = {user.username: user for user in User.objects.filter(username__in=list(names))}
    new = []
    for number, (username, key) in enumerate(names.items()):
        if username not in there:
            name, organisation = wanted[key]
            new.append(User(username=username, name=name, organisation=organisation, phone=f"000-0000-{number:04d}"))
    there |= {user.username: user for user in User.objects.bulk_create(new)}
    return {key: there[username] for username, key in names.items()}


def _give(held: Iterable[tuple[User, str, Organisation]]) -> None:
    """Roles that are not held yet."""
    roles = {role.code: role for role in Role.objects.filter(code__in=["clerk", "reviewer"])}
    wanted = {(user.pk, roles[role].pk, organisation.pk) for user, role, organisation in held}
    there = Assignment.objects.filter(user__in={user for user, _role, _place in wanted}, valid_from=SINCE)
    wanted -= set(there.values_list("user_id", "role_id", "organisation_id"))
    Assignment.objects.bulk_create(
        Assignment(user_id=user, role_id=role, organisation_id=place, valid_from=SINCE)
        for user, role, place in sorted(wanted)
    )
