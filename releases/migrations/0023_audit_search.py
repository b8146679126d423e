"""The history is read in time order: by actor, action, place or word, and by pairs of them.

Each filter, and each pair of filters, is one piece of one index, whose end is read backwards. In
SQL, as the words of a sentence are derived from it in the database and no column of the model.
"""

from django.db import migrations

# Words go in as they are, without PostgreSQL's parser, which would take 3e42 for a number. They are
# cut where a lexeme would be refused: no sentence, however odd, may keep an event from being written.
FORWARD = r"""
CREATE FUNCTION audit_split(sentence text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN array_remove(regexp_split_to_array(
        regexp_replace(lower(left(sentence, 10000)), '([[:alnum:]]{60})[[:alnum:]]+', '\1', 'g'),
        '[^[:alnum:]]+'
    ), '');
END $$;
CREATE FUNCTION audit_words(sentence text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN array_to_tsvector(audit_split(sentence));
END $$;
-- Sentences that have every word asked for. The last may be just begun, unless it is so short that
-- looking up all that begins with it would cost more than it helps.
CREATE FUNCTION audit_looked_for(asked text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT string_agg(
        quote_literal(word) || CASE WHEN place = total AND length(word) > 2 THEN ':*' ELSE '' END,
        ' & '
    )::tsquery
    FROM (SELECT word, place, count(*) OVER () AS total
          FROM unnest(audit_split(asked)) WITH ORDINALITY AS split (word, place)) AS counted
$$;
ALTER TABLE releases_auditevent
    ADD COLUMN words tsvector GENERATED ALWAYS AS (audit_words(sentence)) STORED;
CREATE INDEX audit_of_word ON releases_auditevent USING gin (words);
CREATE INDEX audit_of_request ON releases_auditevent (request_id);
CREATE INDEX audit_of_release ON releases_auditevent (release_id, at, id);
CREATE INDEX audit_in_time ON releases_auditevent (at, id);
CREATE INDEX audit_of_actor ON releases_auditevent (actor_name, at, id);
CREATE INDEX audit_of_person ON releases_auditevent (actor_id, at, id);
CREATE INDEX audit_of_action ON releases_auditevent (action, at, id);
CREATE INDEX audit_of_function ON releases_auditevent (function_name, at, id);
CREATE INDEX audit_of_place ON releases_auditevent (environment_id, at, id);
CREATE INDEX audit_of_actor_and_action ON releases_auditevent (actor_name, action, at, id);
CREATE INDEX audit_of_function_and_action ON releases_auditevent (function_name, action, at, id);
CREATE INDEX audit_of_function_and_actor ON releases_auditevent (function_name, actor_name, at, id);
CREATE INDEX audit_of_place_and_action ON releases_auditevent (environment_id, action, at, id);
CREATE INDEX audit_of_place_and_actor ON releases_auditevent (environment_id, actor_name, at, id);
"""
BACK = """
DROP INDEX audit_of_place_and_actor, audit_of_place_and_action, audit_of_function_and_actor,
    audit_of_function_and_action, audit_of_actor_and_action, audit_of_place, audit_of_function,
    audit_of_action, audit_of_person, audit_of_actor, audit_in_time, audit_of_release, audit_of_request;
ALTER TABLE releases_auditevent DROP COLUMN words;
DROP FUNCTION audit_looked_for(text);
DROP FUNCTION audit_words(text);
DROP FUNCTION audit_split(text);
"""


class Migration(migrations.Migration):
    dependencies = [("releases", "0022_took_drift_in")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
