ALTER TABLE project ADD COLUMN baseline TEXT;

CREATE INDEX ix_project_baseline ON project (baseline);
