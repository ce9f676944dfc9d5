"""Saved views and forms received."""

import django.db.models.deletion
import gangmu.foundation.settings.clock
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.CharField(max_length=100, verbose_name='page')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('query', models.CharField(blank=True, max_length=2000, verbose_name='filters, sorting and columns')),
                ('shared', models.BooleanField(default=False, verbose_name='shared with everybody')),
                ('created_at', models.DateTimeField(default=gangmu.foundation.settings.clock.now, verbose_name='created at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'saved view',
                'verbose_name_plural': 'saved views',
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('user', 'page', 'name'), name='one_view_per_name', violation_error_message='You already have a view of this name. Choose another name.')],
            },
        ),
        migrations.CreateModel(
            name='Submission',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64)),
                ('path', models.CharField(max_length=500)),
                ('location', models.CharField(blank=True, max_length=2000)),
                ('received_at', models.DateTimeField(default=gangmu.foundation.settings.clock.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'form received',
                'verbose_name_plural': 'forms received',
                'indexes': [models.Index(fields=['received_at'], name='ui_submission_received')],
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='a_form_counts_once')],
            },
        ),
    ]
