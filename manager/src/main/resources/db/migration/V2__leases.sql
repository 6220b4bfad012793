-- Who keeps a scheduler or seed peer active, and until when. Tables of our own only: upstream's gain no columns.
CREATE TABLE `darter_lease` (
  `kind` varchar(16) NOT NULL,
  `instance_id` bigint NOT NULL,
  `holder` varchar(64) NOT NULL,
  `expires_at` bigint NOT NULL,
  PRIMARY KEY (`kind`, `instance_id`)
);
