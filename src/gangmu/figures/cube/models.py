"""What the cube keeps in the database: by which version of the organisation tree, and of definitions, it has to go."""

from django.db import models

from gangmu.foundation.settings.rowsecurity import SystemOnly


class TreeChange(models.Model):
    """A statement that changed organisations, placements or attributes.

    The version of the tree is the sum of the weights that a transaction can see: it grows with every commit, however
    late that comes, without any two writers having to wait for each other. Weights are drawn at random, so that a
    database put back from a backup does not come to the same version by another way. Written by triggers; the folder
    now and then makes one row of many.
    """

    row_security = SystemOnly()
    keeps_history = False

    weight = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.pk}: {self.weight}"


class DefinitionChange(models.Model):
    """A statement that changed indicators or scenarios: their version, made as that of the tree."""

    row_security = SystemOnly()
    keeps_history = False

    weight = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.pk}: {self.weight}"
