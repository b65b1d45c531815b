CREATE TABLE host (
    name TEXT NOT NULL,
    time FLOAT NOT NULL,
    sample TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE meta (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (key)
);

CREATE TABLE project (
    id TEXT NOT NULL,
    path TEXT NOT NULL,
    parent_id TEXT,
    description TEXT NOT NULL,
    created FLOAT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (path)
);

CREATE INDEX ix_project_parent_id ON project (parent_id);

CREATE TABLE queue (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    created FLOAT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

CREATE TABLE tombstone (
    task_id TEXT NOT NULL,
    rev BIGINT NOT NULL,
    PRIMARY KEY (task_id)
);

CREATE INDEX ix_tombstone_rev ON tombstone (rev);

CREATE TABLE worker (
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    "user" TEXT NOT NULL,
    pid INTEGER NOT NULL,
    queues TEXT NOT NULL,
    task_id TEXT,
    state TEXT NOT NULL,
    started FLOAT NOT NULL,
    heartbeat FLOAT NOT NULL,
    process TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE writer (
    id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    execution INTEGER NOT NULL,
    host TEXT NOT NULL,
    is_primary BOOLEAN NOT NULL,
    segment INTEGER NOT NULL,
    "offset" BIGINT NOT NULL,
    state TEXT NOT NULL,
    started FLOAT NOT NULL,
    ended FLOAT,
    PRIMARY KEY (id)
);

CREATE INDEX ix_writer_task_id ON writer (task_id);

CREATE TABLE task (
    id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    status_reason TEXT NOT NULL,
    status_time FLOAT NOT NULL,
    status_by TEXT NOT NULL,
    activity FLOAT NOT NULL,
    "user" TEXT NOT NULL,
    host TEXT NOT NULL,
    comment TEXT NOT NULL,
    created FLOAT NOT NULL,
    started FLOAT,
    completed FLOAT,
    archived BOOLEAN NOT NULL,
    parent_id TEXT,
    queue_id TEXT,
    worker TEXT NOT NULL,
    execution INTEGER NOT NULL,
    closed_execution INTEGER NOT NULL,
    iteration_offset BIGINT NOT NULL,
    last_iteration BIGINT,
    progress FLOAT,
    abort_requested FLOAT,
    abort_by TEXT NOT NULL,
    last_seen FLOAT,
    lines BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(project_id) REFERENCES project (id)
);

CREATE INDEX ix_task_activity ON task (archived, activity, id);

CREATE INDEX ix_task_counts ON task (archived, project_id, status, activity);

CREATE INDEX ix_task_created ON task (archived, created, id);

CREATE INDEX ix_task_name ON task (archived, name, id);

CREATE INDEX ix_task_parent_id ON task (parent_id);

CREATE INDEX ix_task_progress ON task (archived, progress, id);

CREATE INDEX ix_task_project ON task (project_id, archived, activity, id);

CREATE INDEX ix_task_rev ON task (rev);

CREATE INDEX ix_task_status ON task (archived, status, activity, id);

CREATE TABLE artifact (
    task_id TEXT NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    uri TEXT NOT NULL,
    size BIGINT,
    hash TEXT NOT NULL,
    time FLOAT NOT NULL,
    content_type TEXT NOT NULL,
    preview TEXT NOT NULL,
    metadata TEXT NOT NULL,
    PRIMARY KEY (task_id, name),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE configuration (
    task_id TEXT NOT NULL,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    type TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (task_id, name),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE console_chunk (
    task_id TEXT NOT NULL,
    first_line BIGINT NOT NULL,
    n INTEGER NOT NULL,
    time_min FLOAT NOT NULL,
    time_max FLOAT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (task_id, first_line),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE console_journal (
    task_id TEXT NOT NULL,
    first_line BIGINT NOT NULL,
    n INTEGER NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (task_id, first_line),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE debug_sample (
    task_id TEXT NOT NULL,
    title TEXT NOT NULL,
    series TEXT NOT NULL,
    iteration BIGINT NOT NULL,
    time FLOAT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    size BIGINT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    PRIMARY KEY (task_id, title, series, iteration),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE model (
    id TEXT NOT NULL,
    task_id TEXT,
    name TEXT NOT NULL,
    framework TEXT NOT NULL,
    uri TEXT NOT NULL,
    size BIGINT,
    hash TEXT NOT NULL,
    iteration BIGINT,
    labels TEXT NOT NULL,
    design TEXT NOT NULL,
    comment TEXT NOT NULL,
    tags TEXT NOT NULL,
    published BOOLEAN NOT NULL,
    created FLOAT NOT NULL,
    time FLOAT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE INDEX ix_model_task_id ON model (task_id);

CREATE TABLE input_model (
    task_id TEXT NOT NULL,
    model_id TEXT NOT NULL,
    name TEXT NOT NULL,
    time FLOAT NOT NULL,
    PRIMARY KEY (task_id, model_id),
    FOREIGN KEY(task_id) REFERENCES task (id),
    FOREIGN KEY(model_id) REFERENCES model (id)
);

CREATE INDEX ix_input_model_model_id ON input_model (model_id);

CREATE TABLE parameter (
    task_id TEXT NOT NULL,
    section TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    type TEXT NOT NULL,
    description TEXT NOT NULL,
    number FLOAT,
    PRIMARY KEY (task_id, section, name),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE INDEX ix_parameter_value ON parameter (section, name, number, task_id);

CREATE TABLE queue_entry (
    task_id TEXT NOT NULL,
    queue_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    added FLOAT NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (task_id),
    FOREIGN KEY(task_id) REFERENCES task (id),
    FOREIGN KEY(queue_id) REFERENCES queue (id)
);

CREATE INDEX ix_queue_entry_order ON queue_entry (queue_id, position);

CREATE TABLE plot (
    task_id TEXT NOT NULL,
    title TEXT NOT NULL,
    series TEXT NOT NULL,
    iteration BIGINT NOT NULL,
    time FLOAT NOT NULL,
    types TEXT NOT NULL,
    payload BYTEA NOT NULL,
    PRIMARY KEY (task_id, title, series, iteration),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE scalar_chunk (
    task_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    level INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    n INTEGER NOT NULL,
    iteration_min BIGINT NOT NULL,
    iteration_max BIGINT NOT NULL,
    time_min FLOAT NOT NULL,
    time_max FLOAT NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (task_id, number, level, seq),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE scalar_journal (
    task_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    n INTEGER NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (task_id, seq),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE single_value (
    task_id TEXT NOT NULL,
    name TEXT NOT NULL,
    value FLOAT,
    PRIMARY KEY (task_id, name),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE task_code (
    task_id TEXT NOT NULL,
    repository TEXT NOT NULL,
    branch TEXT NOT NULL,
    commit TEXT NOT NULL,
    entry_point TEXT NOT NULL,
    working_dir TEXT NOT NULL,
    argv TEXT NOT NULL,
    diff BYTEA NOT NULL,
    "binary" TEXT NOT NULL,
    packages TEXT NOT NULL,
    environment TEXT NOT NULL,
    PRIMARY KEY (task_id),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE task_event (
    task_id TEXT NOT NULL,
    id TEXT NOT NULL,
    time FLOAT NOT NULL,
    action TEXT NOT NULL,
    status_from TEXT NOT NULL,
    status_to TEXT NOT NULL,
    by TEXT NOT NULL,
    reason TEXT NOT NULL,
    execution INTEGER NOT NULL,
    PRIMARY KEY (task_id, id),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE TABLE task_metric (
    task_id TEXT NOT NULL,
    title TEXT NOT NULL,
    series TEXT NOT NULL,
    number INTEGER NOT NULL,
    n BIGINT NOT NULL,
    nan_count BIGINT NOT NULL,
    last FLOAT,
    first FLOAT,
    min FLOAT,
    max FLOAT,
    last_iteration BIGINT NOT NULL,
    min_iteration BIGINT,
    max_iteration BIGINT,
    last_time FLOAT NOT NULL,
    compacted BIGINT NOT NULL,
    PRIMARY KEY (task_id, title, series),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE INDEX ix_task_metric_value ON task_metric (title, series, last, task_id, min, max, first);

CREATE TABLE task_tag (
    task_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (task_id, tag),
    FOREIGN KEY(task_id) REFERENCES task (id)
);

CREATE INDEX ix_task_tag_tag ON task_tag (tag);

INSERT INTO meta (key, value) VALUES ('schema', '0'), ('rev', '0');
