from django.db import models

from gangmu.foundation.settings.rowsecurity import SystemOnly


class Bucket(models.Model):
    """What one account or address has taken of one kind of work, for all processes together.

    `due` is when everything taken so far is paid for at the steady rate: the further ahead, the fuller the bucket.
    No page reads or writes it but through `limits_take()`.
    """

    row_security = SystemOnly()

    key = models.CharField(max_length=120, primary_key=True)
    due = models.DateTimeField(db_index=True)
    told_at = models.DateTimeField(null=True)  # when a refusal was last recorded

    class Meta:
        db_table = "limits_bucket"
