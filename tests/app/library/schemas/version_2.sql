-- A file as version 2 of the schema wrote it. Never change it: such files lie on people's disks.
PRAGMA user_version = 2;
CREATE TABLE conversations (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, title TEXT NOT NULL DEFAULT '', created REAL NOT NULL, updated REAL NOT NULL, instructions TEXT NOT NULL DEFAULT '', draft TEXT NOT NULL DEFAULT '', chosen TEXT NOT NULL DEFAULT '{}', deleted REAL);
CREATE INDEX conversations_updated ON conversations (updated);
CREATE TABLE exchanges (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL, number INTEGER NOT NULL, parent TEXT NOT NULL, question TEXT NOT NULL, stage TEXT NOT NULL, created REAL NOT NULL, answer TEXT NOT NULL, thinking TEXT NOT NULL, error TEXT NOT NULL, model TEXT NOT NULL, sources TEXT NOT NULL, finished TEXT NOT NULL, evidence TEXT, tool_uses TEXT NOT NULL);
CREATE INDEX exchanges_conversation ON exchanges (conversation, number);
CREATE INDEX exchanges_cut ON exchanges (stage) WHERE stage NOT IN ('done', 'failed', 'stopped');
CREATE TABLE files (conversation TEXT NOT NULL, position INTEGER NOT NULL, path TEXT NOT NULL, name TEXT NOT NULL, content_hash TEXT NOT NULL, kind TEXT NOT NULL, budget INTEGER, mode TEXT NOT NULL, max_frames INTEGER NOT NULL, max_pages INTEGER, spooled INTEGER NOT NULL, origin TEXT NOT NULL, PRIMARY KEY (conversation, position)) WITHOUT ROWID;
INSERT INTO conversations VALUES (1, 'talk', 'What is due?', 1700000000.0, 1700000100.0, 'Be brief.', 'And then', '{"first": "again"}', NULL);
INSERT INTO exchanges VALUES (1, 'first', 'talk', 1, '', 'What is due?', 'done', 1700000000.0, 'The Miete, on the third.', 'Hm.', '', 'Gemma', '["lease.pdf"]', '{"reason":"stop","usage":{"prompt_tokens":9,"reused_tokens":1,"answer_tokens":4},"timings":{"prefill_s":1.0,"first_token_s":1.5,"decode_tokens_per_s":7.5}}', '[{"start":4,"end":9,"quote":"Miete","state":"found","place":{"document":"abc","page":3,"time_s":null,"boxes":[[1.0,2.0,3.0,4.0]]},"reason":"Found."}]', '[]');
INSERT INTO exchanges VALUES (2, 'second', 'talk', 2, 'first', 'And how much?', 'done', 1700000050.0, '900 euros.', '', '', 'Gemma', '["lease.pdf"]', '', NULL, '[]');
INSERT INTO exchanges VALUES (3, 'again', 'talk', 3, 'first', 'And how much?', 'answering', 1700000100.0, 'Nine hundr', '', '', 'Gemma', '["lease.pdf"]', '', NULL, '[]');
INSERT INTO files VALUES ('talk', 0, '/home/someone/lease.pdf', 'lease.pdf', 'abc', 'pdf', 560, 'both', 32, 12, 0, '');
INSERT INTO files VALUES ('talk', 1, '/home/someone/pasted/Screenshot 1.png', 'Screenshot 1.png', 'def', 'image', NULL, 'auto', 32, NULL, 1, '');
CREATE VIRTUAL TABLE search USING fts5 (conversation UNINDEXED, title, files, question, answer, tokenize = "unicode61 remove_diacritics 2", prefix = '2 3');
CREATE INDEX exchanges_place ON exchanges (n, conversation);
INSERT INTO search (rowid, conversation, title, files) VALUES (2, 'talk', 'What is due?', 'lease.pdf Screenshot 1.png');
INSERT INTO search (rowid, conversation, question, answer) VALUES (3, 'talk', 'What is due?', 'The Miete, on the third.');
INSERT INTO search (rowid, conversation, question, answer) VALUES (5, 'talk', 'And how much?', '900 euros.');
