"""The steps of a program, one after the other, by one of the two arithmetics."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gangmu.figures.indicators.formula.program import Leaf, Op, Step


def run(steps: Sequence[Step], arithmetic: Any, given: Mapping[Leaf, Any], size: int) -> Any:
    """What the last step comes to."""
    return results(steps, arithmetic, given, size, [len(steps) - 1])[0]


def results(
    steps: Sequence[Step], arithmetic: Any, given: Mapping[Leaf, Any], size: int, wanted: Sequence[int]
) -> list[Any]:
    """What the steps with these numbers come to; any other result is dropped after its last use."""
    last_use = {argument: number for number, step in enumerate(steps) for argument in step.arguments}
    last_use |= dict.fromkeys(wanted, len(steps))
    found: dict[int, Any] = {}
    for number, step in enumerate(steps):
        arguments = [found[argument] for argument in step.arguments]
        match step.op:
            case Op.LEAF:
                found[number] = given[step.payload]  # pyright: ignore[reportArgumentType]
            case Op.CONSTANT:
                found[number] = arithmetic.constant(step.payload, size)
            case _:
                found[number] = _operation(step, arithmetic)(*arguments)
        for argument in step.arguments:
            if last_use[argument] == number:
                found.pop(argument, None)
    return [found[one] for one in wanted]


def _operation(step: Step, arithmetic: Any) -> Callable[..., Any]:
    match step.op:
        case Op.SCALE:
            return lambda x: arithmetic.scale(x, step.payload)
        case Op.ROUND:
            return lambda x: arithmetic.round_half_up(x, step.payload)
        case Op.LESS | Op.LESS_OR_EQUAL:
            return lambda x, y: arithmetic.less(x, y, or_equal=step.op is Op.LESS_OR_EQUAL)
        case Op.EQUAL | Op.DIFFERENT:
            return lambda x, y: arithmetic.equal(x, y, negated=step.op is Op.DIFFERENT)
    return {
        Op.ADD: arithmetic.add,
        Op.TOTAL: arithmetic.total,
        Op.SUBTRACT: arithmetic.subtract,
        Op.MULTIPLY: arithmetic.multiply,
        Op.DIVIDE: arithmetic.divide,
        Op.NEGATE: arithmetic.negate,
        Op.ABSOLUTE: arithmetic.absolute,
        Op.MINIMUM: arithmetic.smaller,
        Op.MAXIMUM: arithmetic.larger,
        Op.CHOOSE: arithmetic.choose,
    }[step.op]
