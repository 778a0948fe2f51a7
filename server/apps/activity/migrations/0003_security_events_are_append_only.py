"""Nobody changes a security event, the program included; a row may be deleted when it is a year
old."""

from django.db import migrations

PROTECT = """
    CREATE FUNCTION activity_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' AND OLD.at < now() - interval '365 days' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'Security events are append-only' USING ERRCODE = 'integrity_constraint_violation';
    END
    $$;
    CREATE TRIGGER security_events_are_append_only BEFORE UPDATE OR DELETE ON activity_securityevent
        FOR EACH ROW EXECUTE FUNCTION activity_refuse_change();
    CREATE TRIGGER security_events_are_not_truncated BEFORE TRUNCATE ON activity_securityevent
        FOR EACH STATEMENT EXECUTE FUNCTION activity_refuse_change();
"""
UNPROTECT = """
    DROP TRIGGER security_events_are_not_truncated ON activity_securityevent;
    DROP TRIGGER security_events_are_append_only ON activity_securityevent;
    DROP FUNCTION activity_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("activity", "0002_security_events")]

    operations = [migrations.RunSQL(PROTECT, UNPROTECT)]
