"""The attributes by which a statistical scope chooses organisations, and which can be a share."""

from gangmu.foundation.parties import kinds
from gangmu.foundation.parties.kinds import Attribute, AttributeType


def share_attributes() -> list[str]:
    """The attributes that can be a share: numbers in percent."""
    return [one.name for one in kinds.attributes().values() if one.type is AttributeType.NUMBER and one.unit == "%"]


def condition_attributes() -> dict[str, Attribute]:
    """The attributes by which organisations are chosen: those with known values."""
    return {name: one for name, one in kinds.attributes().items() if one.type is AttributeType.CHOICE}
