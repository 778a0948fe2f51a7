from django.db import migrations

# Statistics of a queue are always of another queue: that of a minute ago. A thousand jobs that wait
# for one of their key, seen by ANALYZE, made each claim of the next hundred thousand read them all.
# Without statistics the planner assumes that a key has few rows, which is the right plan for any number.
COLUMNS = ("key", "org", "long", "blocked", "in_hand", "available_on")


def alter(target: str) -> str:
    return "ALTER TABLE core_job " + ", ".join(f"ALTER {name} SET STATISTICS {target}" for name in COLUMNS)


class Migration(migrations.Migration):
    dependencies = [("core", "0006_jobs_have_an_organisation_and_a_lane")]

    operations = [migrations.RunSQL(alter("0"), alter("DEFAULT"))]
