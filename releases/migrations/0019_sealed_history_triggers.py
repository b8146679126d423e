"""Events say which transaction wrote them; seals are as append-only as events."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_names_its_transaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Rows that come back from a backup bring both with them.
    IF NEW.xid IS NULL THEN
        NEW.xid := pg_current_xact_id()::text::bigint;
        NEW.cluster := (SELECT system_identifier FROM pg_control_system());
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_rows_name_their_transaction BEFORE INSERT ON releases_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_names_its_transaction();
CREATE TRIGGER audit_seals_stay BEFORE UPDATE OR DELETE ON releases_auditseal
    FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_seal_table_stays BEFORE TRUNCATE ON releases_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
"""
BACK = """
DROP TRIGGER audit_seal_table_stays ON releases_auditseal;
DROP TRIGGER audit_seals_stay ON releases_auditseal;
DROP TRIGGER audit_rows_name_their_transaction ON releases_auditevent;
DROP FUNCTION audit_names_its_transaction();
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0018_sealed_history")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
