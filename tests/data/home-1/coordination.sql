BEGIN TRANSACTION;
CREATE TABLE leases (
	host TEXT NOT NULL, 
	holder TEXT, 
	fence BIGINT NOT NULL, 
	expires DATETIME, 
	not_before DATETIME, 
	PRIMARY KEY (host)
);
CREATE TABLE notes (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
CREATE TABLE plans (
	run TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	PRIMARY KEY (run)
);
COMMIT;
