-- The schema of Dragonfly v2.1.28's manager. A database that has it already is taken over at this version.

CREATE TABLE `application` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `name` varchar(256) NOT NULL,
  `url` longtext NOT NULL,
  `bio` varchar(1024),
  `priority` text NOT NULL,
  `user_id` bigint unsigned,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_application_name` ON `application` (`name`);

CREATE TABLE `casbin_rule` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `ptype` varchar(100),
  `v0` varchar(100),
  `v1` varchar(100),
  `v2` varchar(100),
  `v3` varchar(100),
  `v4` varchar(100),
  `v5` varchar(100),
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_casbin_rule` ON `casbin_rule` (`ptype`, `v0`, `v1`, `v2`, `v3`, `v4`, `v5`);

CREATE TABLE `config` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `name` varchar(256) NOT NULL,
  `value` varchar(1024) NOT NULL,
  `bio` varchar(1024),
  `user_id` bigint unsigned,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_config_name` ON `config` (`name`);

CREATE TABLE `job` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `task_id` varchar(256) NOT NULL,
  `bio` varchar(1024),
  `type` varchar(256),
  `state` varchar(256) NOT NULL DEFAULT 'PENDING',
  `args` text NOT NULL,
  `result` text,
  `user_id` bigint unsigned,
  PRIMARY KEY (`id`)
);

CREATE TABLE `job_scheduler_cluster` (
  `scheduler_cluster_id` bigint unsigned NOT NULL,
  `job_id` bigint unsigned NOT NULL,
  PRIMARY KEY (`scheduler_cluster_id`, `job_id`)
);

CREATE TABLE `job_seed_peer_cluster` (
  `seed_peer_cluster_id` bigint unsigned NOT NULL,
  `job_id` bigint unsigned NOT NULL,
  PRIMARY KEY (`seed_peer_cluster_id`, `job_id`)
);

CREATE TABLE `model` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `name` varchar(256) NOT NULL,
  `type` varchar(256) NOT NULL,
  `bio` varchar(1024),
  `version` varchar(256) NOT NULL,
  `state` varchar(256) DEFAULT 'inactive',
  `evaluation` text,
  `scheduler_id` bigint unsigned NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_model` ON `model` (`type`, `version`, `scheduler_id`);

CREATE TABLE `oauth` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `name` varchar(256) NOT NULL,
  `bio` varchar(1024),
  `client_id` varchar(256) NOT NULL,
  `client_secret` varchar(1024) NOT NULL,
  `redirect_url` varchar(1024),
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_oauth2_client_id` ON `oauth` (`client_id`);
CREATE UNIQUE INDEX `uk_oauth2_name` ON `oauth` (`name`);

CREATE TABLE `peer` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `host_name` varchar(256) NOT NULL,
  `type` varchar(256),
  `idc` varchar(1024),
  `location` varchar(1024),
  `ip` varchar(256) NOT NULL,
  `port` int NOT NULL,
  `download_port` int NOT NULL,
  `object_storage_port` int,
  `state` varchar(256) DEFAULT 'inactive',
  `os` varchar(256),
  `platform` varchar(256),
  `platform_family` varchar(256),
  `platform_version` varchar(256),
  `kernel_version` varchar(256),
  `git_version` varchar(256),
  `git_commit` varchar(256),
  `build_platform` varchar(256),
  `scheduler_cluster_id` bigint unsigned NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE INDEX `idx_peer_git_commit` ON `peer` (`git_commit`);
CREATE INDEX `idx_peer_git_version` ON `peer` (`git_version`);
CREATE INDEX `idx_peer_type` ON `peer` (`type`);
CREATE UNIQUE INDEX `uk_peer` ON `peer` (`host_name`, `ip`, `scheduler_cluster_id`);

CREATE TABLE `personal_access_token` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `name` varchar(256) NOT NULL,
  `bio` varchar(1024),
  `token` varchar(256) NOT NULL,
  `scopes` text NOT NULL,
  `state` varchar(256) DEFAULT 'inactive',
  `expired_at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `user_id` bigint unsigned,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_personal_access_token` ON `personal_access_token` (`token`);
CREATE UNIQUE INDEX `uk_personal_access_token_name` ON `personal_access_token` (`name`);

CREATE TABLE `scheduler` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `host_name` varchar(256) NOT NULL,
  `idc` varchar(1024),
  `location` varchar(1024),
  `ip` varchar(256) NOT NULL,
  `port` int NOT NULL,
  `state` varchar(256) DEFAULT 'inactive',
  `features` text,
  `scheduler_cluster_id` bigint unsigned NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_scheduler` ON `scheduler` (`host_name`, `ip`, `scheduler_cluster_id`);

CREATE TABLE `scheduler_cluster` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `name` varchar(256) NOT NULL,
  `bio` varchar(1024),
  `config` text NOT NULL,
  `client_config` text NOT NULL,
  `scopes` text,
  `is_default` tinyint(1) NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_scheduler_cluster_name` ON `scheduler_cluster` (`name`);

CREATE TABLE `seed_peer` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `host_name` varchar(256) NOT NULL,
  `type` varchar(256),
  `idc` varchar(1024),
  `location` varchar(1024),
  `ip` varchar(256) NOT NULL,
  `port` int NOT NULL,
  `download_port` int NOT NULL,
  `object_storage_port` int,
  `state` varchar(256) DEFAULT 'inactive',
  `seed_peer_cluster_id` bigint unsigned NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_seed_peer` ON `seed_peer` (`host_name`, `ip`, `seed_peer_cluster_id`);

CREATE TABLE `seed_peer_cluster` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `name` varchar(256) NOT NULL,
  `bio` varchar(1024),
  `config` text NOT NULL,
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_seed_peer_cluster_name` ON `seed_peer_cluster` (`name`);

CREATE TABLE `seed_peer_cluster_scheduler_cluster` (
  `scheduler_cluster_id` bigint unsigned NOT NULL,
  `seed_peer_cluster_id` bigint unsigned NOT NULL,
  PRIMARY KEY (`scheduler_cluster_id`, `seed_peer_cluster_id`)
);

CREATE TABLE `user` (
  `id` bigint unsigned NOT NULL AUTO_INCREMENT,
  `created_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `updated_at` timestamp NULL DEFAULT CURRENT_TIMESTAMP,
  `is_del` bigint unsigned,
  `email` varchar(256) NOT NULL,
  `name` varchar(256) NOT NULL,
  `encrypted_password` varchar(1024),
  `avatar` varchar(256),
  `phone` varchar(256),
  `private_token` varchar(256),
  `state` varchar(256) DEFAULT 'enable',
  `location` varchar(256),
  `bio` varchar(256),
  PRIMARY KEY (`id`)
);
CREATE UNIQUE INDEX `uk_user_email` ON `user` (`email`);
CREATE UNIQUE INDEX `uk_user_name` ON `user` (`name`);
