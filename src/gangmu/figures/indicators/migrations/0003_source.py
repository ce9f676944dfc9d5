from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indicators", "0002_constraints")]

    operations = [
        migrations.AddField(
            model_name="indicator",
            name="source",
            field=models.CharField(
                choices=[("shipped", "shipped"), ("local", "local")],
                db_default="local",
                default="local",
                max_length=8,
                verbose_name="source",
            ),
        ),
    ]
