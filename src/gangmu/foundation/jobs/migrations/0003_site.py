from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_queue"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="site",
            field=models.CharField(blank=True, default="", max_length=8),
        ),
    ]
