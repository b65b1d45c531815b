ALTER TABLE project ADD COLUMN rev BIGINT NOT NULL DEFAULT 0;

CREATE INDEX ix_project_rev ON project (rev);
