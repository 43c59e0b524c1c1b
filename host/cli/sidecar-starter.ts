/** What `mapveil sidecar init` prints: every key, explained, at its default. */

export const SIDECAR_STARTER_YAML = `# Settings of a Mapveil sidecar: what runs on the robot. Relative paths start at this file's folder.
# Only version and recipient must be named; the other values below are the defaults.
# A variable such as MAPVEIL_SIDECAR_SPOOL_QUOTA overrides the key spool.quota.
# "mapveil sidecar validate --config FILE" checks this file and what it names.

# Version of this file format.
version: 1

# Whom artefacts are sealed for: a .pub file of "mapveil keygen", or the text of a public key.
recipient: recipient.key.pub

# Folder of ledger, spool, keys and tokens; made with mode 0700.
state_dir: state

# Unix socket for the robot's processes; its folder has mode 0700.
socket: run/mapveil.sock

# What may leave (see "mapveil policy init"). Without it the built-in policy holds.
# policy: policy.yaml

# Who may call. The sidecar makes a token for each: STATE_DIR/clients/NAME.token.
#   sensor    pushes frames
#   owner     grants and withdraws permissions
#   guardian  does so for the owner
#   monitor   reads only
clients:
  - { name: owner, role: owner }
  - { name: sensor, role: sensor }
  - { name: monitor, role: monitor }

# The way to the receiver. Without it nothing is uploaded; artefacts wait in the spool.
# uplink:
#   # host:port of the receiver.
#   address: receiver.example.com:7443
#   # Who signs receivers, and this fleet's certificate and key (PEM files).
#   ca: certificates/authority.pem
#   certificate: certificates/fleet.pem
#   key: certificates/fleet.key
#   # Name in the receiver's certificate, if not the host of the address.
#   # server_name: receiver.example.com
#   # Piece that is sent at once; what a cut of the link may cost. 4KiB to 1MiB.
#   chunk: 256KiB
#   # Artefacts on their way at the same time, 1 to 16.
#   parallel: 2
#   # Most that is sent a second: unlimited, or a size such as 512KiB.
#   bandwidth: unlimited
#   # Time without progress after which an attempt counts as failed, 1s to 10m.
#   stall_timeout: 30s
#   # How often what waits is uploaded, so that the time of an upload tells nothing of when it was
#   # captured: 1m to 24h; off uploads at once.
#   cadence: 10m
#   # Most artefacts that leave at a tick of the cadence; the rest waits for the next.
#   per_tick: 1000000
#   # What uploads are for: provide, analyse, research or protect. Each has its own pseudonyms.
#   purpose: provide
#   # How long the robot keeps a pseudonym, 1h to 30d.
#   pseudonym_epoch: 1d

# What waits on the disk until it is uploaded.
spool:
  # When this is used up, the oldest artefacts of the lowest class make room.
  quota: 1GiB
  # What waits longer is dropped, and counted.
  max_age: 30d

limits:
  # Largest frame, 64KiB to 256MiB.
  frame: 16MiB
  # Sensor streams open at the same time, 1 to 64. Each has a thread and a core. One that had no
  # frame for a minute makes room if all are taken.
  streams: 4
  # Frames of a stream that may wait for their receipts, 1 to 64.
  in_flight: 4
  # Frames a second that a sensor may send, 1 to 1000, by their capture times if they have them.
  # Fast frames can tell of vibrations, such as speech.
  rate: 20

map:
  # How often a map is released while its stream is open, where the level is map or plan: off, or
  # 1m to 24h. It is always released at the end of the stream.
  release_every: 10m

# Where /metrics, /livez and /readyz are served over HTTP: none, host:port such as
# 127.0.0.1:9464, or unix:PATH.
metrics:
  listen: none

# Least important lines that are logged: debug, info, warn or error.
log:
  level: info

# How long a stop may take before the process ends whatever still runs, 1s to 10m.
stop_timeout: 10s
`;
