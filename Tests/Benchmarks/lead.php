<?php
// The same API over the same database, as a careful PHP developer would write it: a persistent connection, prepared
// statements, the key by its SHA-256, a counter for each request, the same columns and the same JSON; a create is on
// the disk before it is answered.
ini_set('display_errors', '0');    // an error is then a 500, and shows as a refusal
$database = new PDO('sqlite:' . $_SERVER['LEADHUB_DATABASE'], null, null, [
    PDO::ATTR_PERSISTENT => true, PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_TIMEOUT => 5,
]);
$database->exec('PRAGMA synchronous = FULL');
$database->exec('PRAGMA temp_store = MEMORY');

function rows(PDO $database, string $sql, array $values): array {
    $statement = $database->prepare($sql);
    $statement->execute($values);
    return $statement->fetchAll(PDO::FETCH_ASSOC);
}

function answer(int $status, $body): never {
    http_response_code($status);
    header('Content-Type: application/json; charset=utf-8');
    echo json_encode($body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    exit;
}

function lead(array $row): array {
    $row['deal_value'] = $row['deal_value'] === null ? null : $row['deal_value'] / 100;
    $row['starred'] = (bool) $row['starred'];
    $row['custom_fields'] = json_decode($row['custom_fields']);
    $row['tags'] = json_decode($row['tags']);
    $row['created_at'] = gmdate('Y-m-d\TH:i:s+00:00', $row['created_at']);
    $row['updated_at'] = gmdate('Y-m-d\TH:i:s+00:00', $row['updated_at']);
    return $row;
}

const COLUMNS = 'id, first_name, last_name, email, phone, company, job_title, country, industry, company_size,
    linkedin_url, source, status, pipeline_id, pipeline_stage_id, assigned_user_id, lead_score, deal_value, starred,
    notes, custom_fields, tags, duplicate_of_id, created_at, updated_at';

$token = substr($_SERVER['HTTP_AUTHORIZATION'] ?? '', 7);
$found = $database->prepare('SELECT api_key.id, workspace_id, rate_limit FROM api_key
    JOIN workspace ON workspace.id = workspace_id
    WHERE hash = ? AND revoked_at IS NULL AND suspended_at IS NULL AND (expires_at IS NULL OR expires_at > ?)');
$found->bindValue(1, hash('sha256', $token, true), PDO::PARAM_LOB);
$found->bindValue(2, time());
$found->execute();
$key = $found->fetch(PDO::FETCH_ASSOC) ?: answer(401, ['status' => 'error']);
$found->closeCursor();    // else its snapshot stays open, and a write is refused without waiting once another has written

$counter = fopen($_SERVER['COUNTER'], 'c+');
flock($counter, LOCK_EX);
[$start, $count] = sscanf(stream_get_contents($counter) ?: '0 0', '%d %d');
if (time() >= $start + 3600) { [$start, $count] = [time(), 0]; }
if ($count >= $key['rate_limit']) { answer(429, ['status' => 'error']); }
rewind($counter);
fwrite($counter, sprintf('%d %d', $start, $count + 1));
flock($counter, LOCK_UN);
header('X-RateLimit-Limit: ' . $key['rate_limit']);
header('X-RateLimit-Remaining: ' . ($key['rate_limit'] - $count - 1));
header('X-RateLimit-Reset: ' . ($start + 3600));

$path = strtok($_SERVER['REQUEST_URI'], '?');
$workspace = $key['workspace_id'];
if ($_SERVER['REQUEST_METHOD'] === 'GET' && preg_match('~/leads/(\d+)$~', $path, $match)) {
    $sql = 'SELECT ' . COLUMNS . ' FROM lead WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL';
    $row = rows($database, $sql, [$workspace, $match[1]])[0] ?? answer(404, ['status' => 'error']);
    answer(200, ['data' => lead($row)]);
}
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    [$where, $values] = ['workspace_id = ? AND deleted_at IS NULL', [$workspace]];
    foreach ([
        'status' => 'status =', 'source' => 'source =', 'pipeline_id' => 'pipeline_id =',
        'stage_id' => 'pipeline_stage_id =', 'assigned_user_id' => 'assigned_user_id =', 'starred' => 'starred =',
        'company' => 'company_folded =', 'email' => 'email_folded =', 'phone' => 'phone_digits =',
        'created_after' => 'created_at >', 'updated_after' => 'updated_at >',
    ] as $name => $condition) {
        if (!isset($_GET[$name])) { continue; }
        $where .= " AND $condition ?";
        $values[] = match ($name) {
            'starred' => (int) ($_GET[$name] === 'true'),
            'created_after', 'updated_after' => strtotime($_GET[$name]),
            default => mb_strtolower($_GET[$name]),
        };
    }
    if (isset($_GET['tag'])) {
        $where .= ' AND id IN (SELECT lead_id FROM lead_tag JOIN tag ON tag.id = tag_id
            WHERE lead_tag.workspace_id = ? AND tag.workspace_id = ? AND name_folded = ?)';
        array_push($values, $workspace, $workspace, mb_strtolower($_GET['tag']));
    }
    foreach ($_GET['custom_fields'] ?? [] as $name => $value) {
        // Hexadecimal, as PDO binds what it is given here as text.
        $where .= " AND id IN (SELECT lead_id FROM lead_custom_field WHERE workspace_id = ? AND digest = x'"
            . substr(hash('sha256', "$name\0$value"), 0, 32) . "')";
        $values[] = $workspace;
    }
    if (isset($_GET['search'])) {
        $where .= ' AND id IN (SELECT rowid & 1099511627775 FROM lead_search WHERE lead_search MATCH ?
            AND rowid BETWEEN ? AND ?)';
        $match = '"' . str_replace('"', '""', mb_strtolower($_GET['search'])) . '"';
        array_push($values, $match, $workspace << 40, ($workspace << 40) + 1099511627775);
    }
    $size = min(100, (int) ($_GET['per_page'] ?? 15));
    if (isset($_GET['cursor'])) {
        [$moment, $after] = sscanf($_GET['cursor'] ?: PHP_INT_MAX . '.' . PHP_INT_MAX, '%d.%d');
        $found = rows($database, 'SELECT ' . COLUMNS . ", created_at AS moment FROM lead
            WHERE $where AND (created_at, id) < (?, ?) ORDER BY created_at DESC, id DESC LIMIT ?",
            [...$values, $moment, $after, $size + 1]);
        $more = count($found) > $size;
        $found = array_slice($found, 0, $size);
        $next = $more ? end($found)['moment'] . '.' . end($found)['id'] : null;
        foreach ($found as &$row) { unset($row['moment']); }
        $link = fn ($cursor) => "http://{$_SERVER['HTTP_HOST']}$path?" . http_build_query(['cursor' => $cursor] + $_GET);
        answer(200, ['data' => array_map('lead', $found), 'meta' => ['per_page' => $size, 'next_cursor' => $next],
            'links' => ['self' => $link($_GET['cursor']), 'next' => $more ? $link($next) : null]]);
    }
    $page = (int) ($_GET['page'] ?? 1);
    $total = (int) rows($database, "SELECT count(*) AS count FROM lead WHERE $where", $values)[0]['count'];
    $order = ($_GET['sort'] ?? '') === 'last_name' ? 'last_name_folded ASC NULLS LAST, id ASC' : 'created_at DESC, id DESC';
    $found = rows($database, 'SELECT ' . COLUMNS . " FROM lead WHERE $where
        ORDER BY $order LIMIT ? OFFSET ?", [...$values, $size, ($page - 1) * $size]);
    $last = max(1, (int) ceil($total / $size));
    $link = fn ($page) => "http://{$_SERVER['HTTP_HOST']}$path?" . http_build_query(['page' => $page] + $_GET);
    answer(200, ['data' => array_map('lead', $found), 'meta' => [
        'current_page' => $page, 'last_page' => $last, 'per_page' => $size, 'total' => $total,
        'from' => $found ? ($page - 1) * $size + 1 : null, 'to' => $found ? ($page - 1) * $size + count($found) : null,
    ], 'links' => [
        'first' => $link(1), 'last' => $link($last), 'prev' => $page > 1 ? $link($page - 1) : null,
        'next' => $page < $last ? $link($page + 1) : null, 'self' => $link($page),
    ]]);
}
$body = json_decode(file_get_contents('php://input'), true) ?? answer(400, ['status' => 'error']);
if ($_SERVER['REQUEST_METHOD'] === 'PATCH' && preg_match('~/leads/(\d+)$~', $path, $match)) {
    if (!is_int($body['lead_score'] ?? null)) { answer(422, ['status' => 'error']); }
    $sql = 'SELECT ' . COLUMNS . ' FROM lead WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL';
    $database->exec('BEGIN IMMEDIATE');
    $before = rows($database, $sql, [$workspace, $match[1]])[0] ?? null;
    if ($before === null) { $database->exec('ROLLBACK'); answer(404, ['status' => 'error']); }
    rows($database, 'UPDATE lead SET lead_score = ?, updated_at = ? WHERE workspace_id = ? AND id = ?',
        [$body['lead_score'], time(), $workspace, $match[1]]);
    rows($database, "INSERT INTO activity (workspace_id, lead_id, type, actor_type, actor_id, details, created_at)
        VALUES (?, ?, 'updated', 'key', ?, ?, ?)", [$workspace, $match[1], $key['id'], json_encode(['changes' =>
        ['lead_score' => ['from' => $before['lead_score'], 'to' => $body['lead_score']]]]), time()]);
    $row = rows($database, $sql, [$workspace, $match[1]])[0];
    $database->exec('COMMIT');
    answer(200, ['data' => lead($row)]);
}
if (!is_string($body['first_name'] ?? null)) { answer(422, ['status' => 'error']); }
if (!filter_var($body['email'] ?? 'a@b.cc', FILTER_VALIDATE_EMAIL)) { answer(422, ['status' => 'error']); }
$now = time();
$digits = preg_replace('~\D~', '', $body['phone'] ?? '');
$text = ' ' . mb_strtolower(($body['first_name']) . ' ' . ($body['last_name'] ?? ''))
    . "\n " . mb_strtolower($body['email'] ?? '') . "\n " . $digits;
$database->exec('BEGIN IMMEDIATE');
$original = rows($database, 'SELECT min(id) AS id FROM lead WHERE workspace_id = ? AND email_folded = ?
    AND deleted_at IS NULL', [$workspace, mb_strtolower($body['email'] ?? '')])[0]['id'];
$stage = rows($database, 'SELECT pipeline_id, stage.id FROM stage JOIN pipeline ON pipeline.id = pipeline_id
    WHERE stage.workspace_id = ? AND is_default = 1 ORDER BY sort_order LIMIT 1', [$workspace])[0] ?? [];
rows($database, 'INSERT INTO lead (workspace_id, first_name, first_name_folded, last_name, last_name_folded, email,
    email_folded, phone, phone_digits, source, status, pipeline_id, pipeline_stage_id, lead_score, starred, notes,
    custom_fields, tags, duplicate_of_id, search_text, created_at, updated_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?)', [
    $workspace, $body['first_name'], mb_strtolower($body['first_name']), $body['last_name'] ?? null,
    mb_strtolower($body['last_name'] ?? ''), $body['email'] ?? null, mb_strtolower($body['email'] ?? ''),
    $body['phone'] ?? null, $digits, $body['source'] ?? 'api', $body['status'] ?? 'new', $stage['pipeline_id'] ?? null,
    $stage['id'] ?? null, $body['notes'] ?? null, json_encode($body['custom_fields'] ?? new stdClass),
    json_encode($body['tags'] ?? []), $original, $text, $now, $now,
]);
$id = (int) $database->lastInsertId();
foreach ($body['tags'] ?? [] as $name) {
    rows($database, "INSERT INTO tag (workspace_id, name, name_folded, color, created_at, updated_at)
        VALUES (?, ?, ?, '#6B7280', ?, ?) ON CONFLICT DO NOTHING", [$workspace, $name, mb_strtolower($name), $now, $now]);
    $tag = rows($database, 'SELECT id FROM tag WHERE workspace_id = ? AND name_folded = ?',
        [$workspace, mb_strtolower($name)])[0]['id'];
    rows($database, 'INSERT INTO lead_tag (workspace_id, tag_id, lead_id) VALUES (?, ?, ?)', [$workspace, $tag, $id]);
}
rows($database, 'INSERT INTO lead_search (rowid, text) VALUES (?, ?)', [$workspace << 40 | $id, $text]);
foreach ($body['custom_fields'] ?? [] as $name => $value) {
    $digest = $database->prepare('INSERT INTO lead_custom_field (workspace_id, digest, lead_id) VALUES (?, ?, ?)');
    $digest->bindValue(1, $workspace);
    $digest->bindValue(2, substr(hash('sha256', "$name\0$value", true), 0, 16), PDO::PARAM_LOB);
    $digest->bindValue(3, $id);
    $digest->execute();
}
rows($database, "INSERT INTO activity (workspace_id, lead_id, type, actor_type, actor_id, details, created_at)
    VALUES (?, ?, 'created', 'key', ?, '{}', ?)", [$workspace, $id, $key['id'], $now]);
$row = rows($database, 'SELECT ' . COLUMNS . ' FROM lead WHERE id = ?', [$id])[0];
$database->exec('COMMIT');
header("Location: http://{$_SERVER['HTTP_HOST']}/api/v1/leads/$id");
answer(201, ['data' => lead($row)]);
