"""What is done with grades: prepare, submit, confirm, withdraw; matrices of the house; going live."""

from gangmu.duties.grading.services.golive import (
    hand_over,
    prepare_golive,
    save_golive,
    submit_golive,
    take_back_file,
    withdraw_golive,
)
from gangmu.duties.grading.services.matrices import change_cells, install_matrices, scheme_on
from gangmu.duties.grading.services.preparing import prepare_grading, submit_grading, withdraw_grading

__all__ = [
    "change_cells",
    "hand_over",
    "install_matrices",
    "prepare_golive",
    "prepare_grading",
    "save_golive",
    "scheme_on",
    "submit_golive",
    "submit_grading",
    "take_back_file",
    "withdraw_golive",
    "withdraw_grading",
]
