from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]

    operations = [
        migrations.AddField("event", "refused", models.BooleanField(db_default=False, verbose_name="refused")),
        # the function took one argument less before
        migrations.RunSQL(
            "DROP FUNCTION IF EXISTS public.records_note(text, bigint, text, jsonb, inet, timestamptz, bigint)",
            migrations.RunSQL.noop,
        ),
    ]
