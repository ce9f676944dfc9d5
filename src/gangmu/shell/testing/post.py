"""The post office of tests: what was handed to the workers is sent now, as they would."""

from gangmu.foundation.accounts.factors import sent
from gangmu.foundation.accounts.models import Outgoing


def deliver() -> int:
    """Send every mail and message that waits. How many were."""
    return sum(sent.deliver(number) for number in Outgoing.objects.order_by("pk").values_list("pk", flat=True))
