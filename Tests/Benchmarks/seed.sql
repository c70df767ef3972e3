-- Fills the first of twenty workspaces with leads, as the API would have made them; the others get a few each.
-- Parameters: :leads, :now; the table digest has each custom field's.
BEGIN IMMEDIATE;
INSERT INTO workspace (slug, name, created_at, updated_at)
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 19)
    SELECT 'bench-' || i, 'Bench ' || i, :now, :now FROM n;
INSERT INTO workspace_user (workspace_id, name, name_folded, email, email_folded, role, status, created_at, updated_at)
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 20)
    SELECT 1, 'User ' || i, 'user ' || i, 'user' || i || '@example.com', 'user' || i || '@example.com', 'agent', 'active',
        :now, :now FROM n;
INSERT INTO tag (workspace_id, name, name_folded, color, created_at, updated_at)
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 40)
    SELECT 1, 'bench-' || i, 'bench-' || i, '#6B7280', :now, :now FROM n;

CREATE TEMP TABLE name (i INTEGER PRIMARY KEY, first TEXT, last TEXT);
INSERT INTO name VALUES
    (0, 'Sarah', 'Johnson'), (1, 'Ada', 'Lovelace'), (2, 'Grace', 'Hopper'), (3, 'Alan', 'Turing'),
    (4, 'Edsger', 'Dijkstra'), (5, 'Barbara', 'Liskov'), (6, 'Donald', 'Knuth'), (7, 'Frances', 'Allen'),
    (8, 'Niklaus', 'Wirth'), (9, 'Margaret', 'Hamilton'), (10, 'Dennis', 'Ritchie'), (11, 'Radia', 'Perlman'),
    (12, 'Leslie', 'Lamport');
CREATE TEMP TABLE made AS
    WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < :leads)
    SELECT n.i, f.first || ' ' || (n.i % 977) AS first_name, l.last AS last_name,
        lower(f.first) || n.i || '@example' || (n.i % 50) || '.com' AS email, '1415' || printf('%07d', n.i) AS phone,
        CASE WHEN n.i % 97 = 0 THEN 1 + n.i % 20 END AS user
    FROM n JOIN name f ON f.i = n.i % 13 JOIN name l ON l.i = n.i / 13 % 13;
INSERT INTO lead (
    workspace_id, first_name, first_name_folded, last_name, last_name_folded, email, email_folded, phone, phone_digits,
    company, company_folded, source, status, pipeline_id, pipeline_stage_id, assigned_user_id, lead_score, deal_value,
    starred, notes, custom_fields, tags, search_text, created_at, updated_at
) SELECT
    CASE WHEN i % 100 = 99 THEN 2 + i % 19 ELSE 1 END, first_name, lower(first_name), last_name, lower(last_name),
    email, email, '+' || phone, phone, 'Company ' || (i % 5000), 'company ' || (i % 5000),
    CASE i % 5 WHEN 0 THEN 'website' WHEN 1 THEN 'facebook' WHEN 2 THEN 'zapier' WHEN 3 THEN 'import' ELSE 'api' END,
    CASE i % 7 WHEN 0 THEN 'new' WHEN 1 THEN 'new' WHEN 2 THEN 'contacted' WHEN 3 THEN 'qualified' WHEN 4 THEN 'new'
        WHEN 5 THEN 'converted' ELSE 'lost' END,
    CASE WHEN i % 100 = 99 THEN NULL ELSE 1 END, CASE WHEN i % 100 = 99 THEN NULL ELSE 1 + i % 4 END,
    CASE WHEN i % 100 = 99 THEN NULL ELSE user END, (i * 37) % 1000, (i * 31) % 1000000, i % 50 = 0,
    'Interested in the enterprise plan.', '{"budget":"' || (i % 200) || '","plan":"p' || (i % 1000) || '"}',
    '["bench-' || (1 + i % 40) || '"]',
    ' ' || lower(first_name) || ' ' || lower(last_name) || char(10) || ' ' || email || char(10) || ' ' || phone,
    :now - :leads + i, :now - :leads + (i * 7919) % :leads
FROM made;
INSERT INTO lead_search (rowid, text) SELECT workspace_id << 40 | id, search_text FROM lead WHERE notes IS NOT NULL;
INSERT INTO lead_tag (workspace_id, tag_id, lead_id)
    SELECT 1, tag.id, lead.id FROM lead JOIN tag
    ON tag.workspace_id = 1 AND tag.name = json_extract(lead.tags, '$[0]')
    WHERE lead.workspace_id = 1 AND lead.notes IS NOT NULL;
INSERT INTO lead_custom_field (workspace_id, digest, lead_id)
    SELECT workspace_id, digest, lead.id FROM lead JOIN json_each(custom_fields) AS field
    JOIN digest ON digest.name = field.key AND digest.value = field.value WHERE notes IS NOT NULL;
COMMIT;
PRAGMA wal_checkpoint(TRUNCATE);
