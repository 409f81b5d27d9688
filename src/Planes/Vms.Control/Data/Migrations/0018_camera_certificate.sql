-- The only certificate that is taken from a camera in TLS, as the hexadecimal digits of its SHA-256; null: any.
alter table control.camera add column tls_certificate_sha256 text check (tls_certificate_sha256 ~ '^[0-9a-f]{64}$');
