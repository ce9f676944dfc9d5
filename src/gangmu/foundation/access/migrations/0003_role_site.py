from django.db import migrations, models

OFFICE = """
    UPDATE access_role SET site = 'office'
    WHERE code IN ('business_administrator', 'system_administrator', 'security_administrator', 'audit_administrator')
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="role",
            name="site",
            field=models.CharField(
                choices=[("business", "the business site"), ("office", "the back office"), ("both", "both sites")],
                default="business",
                max_length=8,
                verbose_name="site",
            ),
        ),
        migrations.RunSQL(OFFICE, migrations.RunSQL.noop),
    ]
