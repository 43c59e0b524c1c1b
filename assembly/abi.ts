/**
 * The binary interface of the core: every number that the core and its hosts share.
 *
 * This file is compiled twice, by AssemblyScript into the module and by TypeScript into the host,
 * so that neither can drift from the other. It holds plain integer constants and nothing else.
 * All structs are little-endian; offsets and sizes are in bytes.
 */

// --- version ---------------------------------------------------------------------------------

/** Major changes break hosts; minor ones only add. `abi_version()` = major << 16 | minor. */
export const ABI_MAJOR = 1;
export const ABI_MINOR = 0;

/** Bits of `capabilities()`. */
export const CAP_SIMD = 1;
export const CAP_FRAME = 2;
export const CAP_TILE = 4;
export const CAP_SEAL = 8;

// --- status codes: every export returns >= 0 for a count, or one of these ---------------------

/** An argument is outside its stated range. */
export const E_ARG = -1;
/** More bytes or points than the region holds. */
export const E_SIZE = -2;
/** The call is out of order: begin, push, finish. */
export const E_STATE = -3;
/** The frame has more voxels, or bricks, than this build is sized for. */
export const E_FULL = -4;
/** Authentication failed: wrong key, or the bytes were changed, cut, reordered or repeated. */
export const E_AUTH = -5;
/** The bytes are not what they should be (magic, version, length, entropy stream). */
export const E_FORMAT = -6;
/** A nonce or header that was already used under this key. */
export const E_NONCE = -7;
/** The self-test found a wrong result: do not use this module. */
export const E_SELFTEST = -8;

// --- limits of the standard build -------------------------------------------------------------

/** Voxels that one frame or tile may hold. */
export const MAX_POINTS = 1048576;
/** Point slots that one frame may push, empty ones included. */
export const MAX_SLOTS = 2097152;
/** Cell coordinates lie in [-CELL_LIMIT, CELL_LIMIT): 21 bits an axis, 63 bits a key. */
export const CELL_LIMIT = 1048576;
/** Smallest and largest edge of a voxel in metres (compared as f32). */
export const LEAF_MIN_MM = 10;
export const LEAF_MAX_MM = 10000;
/** Largest plaintext of one sealed message, as the `.veil` format says. */
export const MESSAGE_BYTES = 65536;
/** What a message grows by: one encrypted tag byte and a 16-byte authenticator. */
export const MESSAGE_OVERHEAD = 17;

// --- regions: `region_ptr(id)` and `region_bytes(id)` -----------------------------------------

/** Point layout (LAYOUT_*): how the sensor's driver lays a point out. */
export const REGION_LAYOUT = 0;
/** Frame policy (POLICY_*), with boxes and no-go areas behind it. */
export const REGION_POLICY = 1;
/** Pose, stamp and index of the frame (FRAME_*). */
export const REGION_FRAME = 2;
/** Metadata fields offered with the frame: records {id u16, bytes u16, value}. */
export const REGION_METADATA = 3;
/** Raw points of one push. */
export const REGION_INPUT = 4;
/** Counters of the current frame (STATS_*). */
export const REGION_STATS = 5;
/** Plaintext: the tile that was encoded, or that is to be decoded. */
export const REGION_PLAIN = 6;
/** Cells of a decoded tile: x, y, z i32, then the metadata of the tile in REGION_METADATA. */
export const REGION_CELLS = 7;
/** Per voxel values of a decoded tile, VALUE_BYTES each (VALUE_*). */
export const REGION_VALUES = 8;
/** One sealed message, in or out. */
export const REGION_MESSAGE = 9;
/** Key material and header fields (SEAL_*); wiped as soon as it was taken. */
export const REGION_SEAL = 10;
/** The header of a `.veil` artefact, in or out. */
export const REGION_HEADER = 11;

/** Values of one decoded voxel, a byte each; absent ones are 0. */
export const VALUE_CENTROID_X = 0;
export const VALUE_CENTROID_Y = 1;
export const VALUE_CENTROID_Z = 2;
export const VALUE_INTENSITY = 3;
export const VALUE_RING = 4;
export const VALUE_TIME = 5;
export const VALUE_BYTES = 8;

// --- LAYOUT: one field = {offset u32, type u32, scale f64, bias f64} --------------------------

export const FIELD_OFFSET = 0;
export const FIELD_TYPE = 4;
/** value = raw * scale + bias; metres for x, y, z. */
export const FIELD_SCALE = 8;
export const FIELD_BIAS = 16;
export const FIELD_BYTES = 24;

export const TYPE_ABSENT = 0;
export const TYPE_F32 = 1;
export const TYPE_F64 = 2;
export const TYPE_I16 = 3;
export const TYPE_I32 = 4;
export const TYPE_U8 = 5;
export const TYPE_U16 = 6;
export const TYPE_U32 = 7;

export const LAYOUT_POINT_STEP = 0;
export const LAYOUT_X = 8;
export const LAYOUT_Y = 32;
export const LAYOUT_Z = 56;
/** Scaled by the host so that 0..1 spans the sensor's range; clamped in the core. */
export const LAYOUT_INTENSITY = 80;
export const LAYOUT_RING = 104;
export const LAYOUT_TIME = 128;
export const LAYOUT_BYTES = 152;
/** Largest point step that a driver may use. */
export const POINT_STEP_MAX = 4096;

// --- FRAME: what the host knows of this frame -------------------------------------------------

/** 1 if FRAME_POSE holds a pose, else 0. */
export const FRAME_HAS_POSE = 0;
/** 1 if FRAME_STAMP_NS holds a capture time, else 0. */
export const FRAME_HAS_STAMP = 4;
/** u64 nanoseconds since the Unix epoch. */
export const FRAME_STAMP_NS = 8;
/** f64 x 7: sensor in map, translation in metres x y z, then unit quaternion x y z w. */
export const FRAME_POSE = 16;
/**
 * f64 x 5, read by `session_begin()`: a secret offset of the session's map in metres (x y z) and a
 * direction (u v) whose angle is its secret yaw; u = v = 0 stands for no turn.
 */
export const FRAME_SESSION_OFFSET = 72;
/** u32 point slots that the frame will push, 0 if unknown: the first size of the table of bricks. */
export const FRAME_SLOTS = 112;
/**
 * u64 seed of the hash that finds bricks, 0 for a fixed one. A secret seed keeps whoever places the
 * points from choosing cells that collide; the result does not depend on it.
 */
export const FRAME_SEED = 120;
export const FRAME_BYTES = 128;

// --- POLICY: what may leave of a frame --------------------------------------------------------

/** f32 metres, the edge of a voxel. */
export const POLICY_LEAF_M = 0;
/** POINT_* below. */
export const POLICY_POINT = 4;
/** POSE_* below. */
export const POLICY_POSE = 8;
/** PAD_* below. */
export const POLICY_PADDING = 12;
/** u64 nanoseconds: capture times are floored to a multiple of it; 0 drops the time. */
export const POLICY_TIME_NS = 16;
/** u64: bit i set lets metadata field i pass (META_*); bits of unknown fields are refused. */
export const POLICY_FIELDS = 24;
/** u32 bits 1..8 that an attribute keeps, 0 drops it. */
export const POLICY_INTENSITY_BITS = 32;
export const POLICY_RING_BITS = 36;
export const POLICY_TIME_BITS = 40;
/** u32 bits 1..6 of a centroid's offset inside its voxel, an axis (POINT_CENTROID only). */
export const POLICY_CENTROID_BITS = 44;
/** f32 metres from the sensor; points outside [min, max] are cropped. */
export const POLICY_RANGE_MIN = 48;
export const POLICY_RANGE_MAX = 52;
/** f32 metres along z of the map frame (of the sensor without a pose); outside is cropped. */
export const POLICY_HEIGHT_MIN = 56;
export const POLICY_HEIGHT_MAX = 60;
/** f32 metres by which every no-go area is grown before it is applied. */
export const POLICY_DILATE_M = 64;
/** u32 counts of what stands behind the fixed part. */
export const POLICY_BOX_COUNT = 68;
export const POLICY_AREA_COUNT = 72;
export const POLICY_VERTEX_COUNT = 76;
export const POLICY_BYTES = 80;

/** One box in the sensor's frame: mode u32 (BOX_*), then f32 centre x y z, half extents x y z, quaternion x y z w. */
export const BOX_MODE = 0;
export const BOX_CENTRE = 4;
export const BOX_HALF = 16;
export const BOX_QUATERNION = 28;
export const BOX_BYTES = 44;
export const BOX_COUNT_MAX = 64;
/** Points inside are cropped. */
export const BOX_REMOVE = 0;
/** Points outside every kept box are cropped. */
export const BOX_KEEP = 1;

/** One no-go area: vertex count u32, f32 z min, z max; its vertices follow in the vertex list. */
export const AREA_VERTICES = 0;
export const AREA_Z_MIN = 4;
export const AREA_Z_MAX = 8;
export const AREA_BYTES = 12;
export const AREA_COUNT_MAX = 64;
/** One vertex: f32 x, y in the map frame (of the sensor without a pose). All areas together have at most this many. */
export const VERTEX_BYTES = 8;
export const VERTEX_COUNT_MAX = 1024;

/** A voxel is given by its cell alone; consumers place it at the cell's centre. */
export const POINT_CENTRE = 0;
/** A voxel also carries the mean of its points, quantised inside the cell. */
export const POINT_CENTROID = 1;

/**
 * No pose: sensor axes, and the lowest cell of the cloud becomes the origin. The tree's alignment
 * still tells where that cell lay modulo 4.
 */
export const POSE_DROP = 0;
/** The first pose of the session, moved by its secret offset, becomes the origin. */
export const POSE_SESSION = 1;
/** The pose as the robot knows it. */
export const POSE_KEEP = 2;

/** Plaintext grows to the next power of two from 4 KiB. */
export const PAD_POWER_OF_TWO = 0;
/** Plaintext grows by at most 12 % (Padmé). */
export const PAD_PADME = 1;

// --- metadata fields --------------------------------------------------------------------------

/** Of the fields below this number, a policy may name the strings; those from it on never pass. */
export const META_NEVER = 32;
/** Capture time, u64 nanoseconds, floored as POLICY_TIME_NS says. Comes from FRAME, not as a record. */
export const META_TIME = 1;
export const META_FRAME_ID = 2;
export const META_TOPIC = 3;
export const META_SENSOR_MODEL = 4;
export const META_LABEL = 5;
export const META_SERIAL_NUMBER = 32;
export const META_PART_NUMBER = 33;
export const META_FIRMWARE = 34;
export const META_HOST_NAME = 35;
export const META_IP_ADDRESS = 36;
export const META_MAC_ADDRESS = 37;
export const META_WALL_CLOCK = 38;
export const META_MAP_ORIGIN = 39;
export const META_CALIBRATION = 40;
export const META_GEO_POSITION = 41;
export const META_SESSION_ID = 42;
export const META_SOFTWARE = 43;
export const META_COMMENT = 44;
export const META_FILE_NAME = 45;
export const META_RAW_TEXT = 46;
/** Point fields of the input that the policy does not keep: counted, never read. */
export const META_POINT_FIELD = 47;
export const META_COUNT = 48;
/** Longest string that passes, in bytes of UTF-8. */
export const META_STRING_MAX = 64;

// --- STATS: u32 counters of the current frame -------------------------------------------------

export const STATS_POINTS_IN = 0;
export const STATS_NAN = 4;
export const STATS_INF = 8;
export const STATS_ZERO = 12;
/** Beyond the 21-bit cell range. */
export const STATS_DOMAIN = 16;
export const STATS_NO_GO = 20;
export const STATS_RANGE = 24;
export const STATS_HEIGHT = 28;
export const STATS_BOX = 32;
export const STATS_KEPT = 36;
export const STATS_VOXELS = 40;
/** Bytes of the tile, and of the tile with its padding. */
export const STATS_TILE_BYTES = 44;
export const STATS_PADDED_BYTES = 48;
/** META_COUNT bytes, one a field: 0 not offered, 1 passed, 2 stripped. */
export const STATS_FIELDS = 52;
export const FIELD_NOT_OFFERED = 0;
export const FIELD_PASSED = 1;
export const FIELD_STRIPPED = 2;
export const STATS_BYTES = 100;

// --- SEAL: key material and header fields, written by the host, wiped when taken --------------

export const SEAL_DATA_KEY = 0;
/** 24 random bytes from the host: the secretstream header. */
export const SEAL_STREAM_HEADER = 32;
export const SEAL_KEY_ID = 56;
/** crypto_box_seal of the data key, made by the host. */
export const SEAL_SEALED_KEY = 64;
export const SEAL_POLICY_DIGEST = 144;
export const SEAL_EPOCH = 176;
export const SEAL_BYTES = 184;

/** secretstream tags (libsodium): message, end of a record, end of the stream. */
export const TAG_MESSAGE = 0;
export const TAG_PUSH = 1;
export const TAG_REKEY = 2;
export const TAG_FINAL = 3;

// --- HEADER of a `.veil` artefact -------------------------------------------------------------

/** "MVEIL\x01" */
export const HEADER_MAGIC = 0;
export const HEADER_SUITE = 6;
export const HEADER_KIND = 7;
export const HEADER_LENGTH = 8;
export const HEADER_KEY_ID = 10;
export const HEADER_SEALED_KEY = 18;
export const HEADER_STREAM = 98;
export const HEADER_COMMITMENT = 122;
export const HEADER_POLICY_DIGEST = 154;
export const HEADER_EPOCH = 186;
export const HEADER_BYTES = 194;

/** X25519 sealed box, secretstream XChaCha20-Poly1305, BLAKE2b. */
export const SUITE_1 = 1;
export const KIND_FRAME = 1;
export const KIND_MAP = 2;
export const KIND_GRID = 3;
export const KIND_PATH = 4;

// --- TILE: the plaintext of one record --------------------------------------------------------

/** "MVT\x01" */
export const TILE_MAGIC = 0;
/** u32 bytes of the whole tile; what follows in the record is padding. */
export const TILE_LENGTH = 4;
/** TILE_HAS_ORIGIN and further flags, u8. */
export const TILE_FLAGS = 8;
/** u8 levels of the octree, 0 for an empty tile, else 1..21. */
export const TILE_DEPTH = 9;
/** u8 bits of each value, 0 if absent. */
export const TILE_CENTROID_BITS = 10;
export const TILE_INTENSITY_BITS = 11;
export const TILE_RING_BITS = 12;
export const TILE_TIME_BITS = 13;
/** u16 bytes of metadata records right behind the header. */
export const TILE_METADATA_BYTES = 14;
/** f32 metres, the edge of a voxel. */
export const TILE_LEAF_M = 16;
/** u32 voxels. */
export const TILE_VOXELS = 20;
/**
 * i32 x 3: lowest corner of the octree, in cells; what a leaf's coordinates are added to. Cells of
 * the map frame, a multiple of 4, with TILE_HAS_ORIGIN; else -3..0, such that the lowest cell of the
 * tile is 0 0 0.
 */
export const TILE_ORIGIN = 24;
export const TILE_BYTES = 36;
/** Cells are in a frame that outlives the tile: tiles of one artefact fit together. */
export const TILE_HAS_ORIGIN = 1;
/** Smallest record: a small room looks like an empty one. */
export const RECORD_BYTES_MIN = 4096;
