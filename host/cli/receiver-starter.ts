/** What `mapveil receiver init` prints: every key, explained, at its default. */

export const RECEIVER_STARTER_YAML = `# Settings of a Mapveil receiver: it stores what it cannot read. Relative paths start at this
# file's folder. Only version and tls must be named; the other values below are the defaults.
# A variable such as MAPVEIL_RECEIVER_LIMITS_ARTEFACT overrides the key limits.artefact.
# "mapveil receiver validate --config FILE" checks this file and what it names.

# Version of this file format.
version: 1

# host:port that robots and consumers connect to. Only this machine reaches the default;
# 0.0.0.0:7443 is for all.
listen: 127.0.0.1:7443

# Folder of index and artefacts; made with mode 0700.
data_dir: data

# The receiver's certificate and key, and who signs clients (PEM files). Clients without a
# certificate are turned away. "mapveil certificates init" makes a set to try things out.
tls:
  certificate: certificates/receiver.pem
  key: certificates/receiver.key
  client_ca: certificates/authority.pem

# Who may call. Nobody by default.
#   certificate  a URI or DNS name in the client's certificate
#   roles        ingest writes artefacts, consumer reads and deletes them
#   recipients   ids of the keys whose artefacts it may write or read, or "*" for all
# clients:
#   - { name: fleet, certificate: "urn:mapveil:fleet", roles: [ingest], recipients: ["*"] }
#   - { name: home, certificate: "urn:mapveil:consumer", roles: [consumer], recipients: ["*"] }
clients: []

limits:
  # Largest artefact, 64KiB to 4GiB.
  artefact: 64MiB
  # Most that is stored for one recipient.
  recipient_quota: 10GiB
  # Calls at the same time from one client, 1 to 1024.
  calls_per_client: 32
  # Unfinished writes of one client, 1 to 65536.
  unfinished_per_client: 64
  # Most that one client may write a second: unlimited, or a size.
  rate_per_client: 64MiB
  # Time without progress after which an unfinished write is discarded.
  unfinished_max_age: 7d
  # Time without a message after which the stream of a write is ended, 1s to 10m.
  stall_timeout: 30s

# Where /metrics, /livez and /readyz are served over HTTP: none, host:port such as
# 127.0.0.1:9465, or unix:PATH.
metrics:
  listen: none

# Least important lines that are logged: debug, info, warn or error.
log:
  level: info

# How long a stop may take before the process ends whatever still runs, 1s to 10m.
stop_timeout: 10s
`;
