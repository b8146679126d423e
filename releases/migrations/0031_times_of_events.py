"""Events happened when PostgreSQL says so, in the transaction that it says: no writer chooses."""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION audit_names_its_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- Who restores a backup, whose rows bring all of it with them.
    is_owner CONSTANT boolean := (
        SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = TG_RELID
    );
BEGIN
    IF NOT is_owner THEN
        NEW.at := clock_timestamp();
    END IF;
    IF NEW.xid IS NULL OR NOT is_owner THEN
        NEW.xid := pg_current_xact_id()::text::bigint;
        NEW.cluster := (SELECT system_identifier FROM pg_control_system());
    END IF;
    RETURN NEW;
END $$;
"""
BACK = """
CREATE OR REPLACE FUNCTION audit_names_its_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Rows that come back from a backup bring both with them.
    IF NEW.xid IS NULL THEN
        NEW.xid := pg_current_xact_id()::text::bigint;
        NEW.cluster := (SELECT system_identifier FROM pg_control_system());
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0030_trace_moved_after")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
