/**
 * The binary interface of the core: every number that the core and its hosts share.
 *
 * Made from host/embed/abi.json by `npm run build:abi`; change it there.
 * It is compiled twice, by AssemblyScript into the module and by TypeScript into the host, so that
 * neither can drift from the other. All structs are little-endian; offsets and sizes are in bytes.
 * What a profile sets for itself stands here as the Node host's profile has it; the core takes it
 * from profile.ts.
 */

// --- version

/** Major changes break hosts; minor ones only add. `abi_version()` = major << 16 | minor. */
export const ABI_MAJOR = 1;
export const ABI_MINOR = 3;

// --- status codes: exports return a count of 0 or more, or one of these

/** An argument, or a number of a struct, is outside its stated range. */
export const E_ARG = -1;
/** More bytes or points than the region holds, or than a frame may have. */
export const E_SIZE = -2;
/** The call is out of order, as a push without a begin. */
export const E_STATE = -3;
/**
 * More voxels, a longer tile or a larger map than this profile is sized for: use a larger leaf, or
 * crop.
 */
export const E_FULL = -4;
/** Authentication failed: another key, or bytes that were changed, cut, reordered or repeated. */
export const E_AUTH = -5;
/** The bytes are not what they should be: magic, version, length or entropy stream. */
export const E_FORMAT = -6;
/** A key or seed that was used before. */
export const E_NONCE = -7;
/** The self-test found a wrong result: do not use this core on this machine. */
export const E_SELFTEST = -8;

// --- limits

/** Voxels that one frame or tile may hold. [voxels; profile wide] */
export const MAX_POINTS = 1048576;
/** Point slots that one frame may push, empty ones included. [points; profile wide] */
export const MAX_SLOTS = 2097152;
/** Cell coordinates lie in [-CELL_LIMIT, CELL_LIMIT): 21 bits an axis, 63 bits a key. [cells] */
export const CELL_LIMIT = 1048576;
/** Smallest edge of a voxel (compared as f32). [millimetres] */
export const LEAF_MIN_MM = 10;
/** Largest edge of a voxel (compared as f32). [millimetres] */
export const LEAF_MAX_MM = 10000;
/** Largest point step that a driver may use. [bytes] */
export const POINT_STEP_MAX = 4096;
/** Crop boxes of a policy. [boxes; profile wide] */
export const BOX_COUNT_MAX = 64;
/** No-go areas of a policy. [areas; profile wide] */
export const AREA_COUNT_MAX = 64;
/** Vertices of all no-go areas of a policy together. [vertices; profile wide] */
export const VERTEX_COUNT_MAX = 1024;
/** Largest plaintext of one message; the .veil format allows 65,536. [bytes; profile wide] */
export const MESSAGE_BYTES = 65536;
/** What a message grows by: one encrypted tag byte and a 16-byte authenticator. [bytes] */
export const MESSAGE_OVERHEAD = 17;
/** Smallest record, padding included: a small room looks like an empty one. [bytes] */
export const RECORD_BYTES_MIN = 4096;
/** Metadata fields below this number may be named by a policy; those from it on never pass. */
export const META_NEVER = 32;
/** Metadata fields have numbers below this one. */
export const META_COUNT = 48;
/** Longest metadata string that passes, UTF-8. [bytes] */
export const META_STRING_MAX = 64;

// --- regions: `region_ptr(id)` and `region_bytes(id)`

/** In: how the sensor's driver lays a point out. */
export const REGION_LAYOUT = 0;
/**
 * In: what may leave of a frame, then boxes (BOX), no-go areas (AREA) and their vertices (VERTEX),
 * without gaps.
 */
export const REGION_POLICY = 1;
/** In: pose, stamp and size of the frame; secret offset of the session. */
export const REGION_FRAME = 2;
/**
 * In: metadata offered with the frame. Out: metadata of a decoded tile. Records, each with its
 * value behind it.
 */
export const REGION_METADATA = 3;
/** In: raw points of one push. Out: voxels that were read out (VOXEL). */
export const REGION_INPUT = 4;
/** Out: counters of the current frame. */
export const REGION_STATS = 5;
/** Plaintext: the record that was encoded, or that was opened and is to be decoded. */
export const REGION_PLAIN = 6;
/** Out: cells of a decoded tile. */
export const REGION_CELLS = 7;
/** Out: values of the voxels of a decoded tile, in the order of the cells. */
export const REGION_VALUES = 8;
/** One sealed message, out of seal_message or into open_message. */
export const REGION_MESSAGE = 9;
/** In: key material and header fields; wiped as soon as it was taken. */
export const REGION_SEAL = 10;
/** The header of a .veil artefact, out of seal_begin or into open_begin. */
export const REGION_HEADER = 11;
/** In: what seed() takes. Out: the stored seed for the next start. */
export const REGION_SEED = 12;
/** In: how map_begin makes a map. Out: how far it has come. */
export const REGION_MAP = 13;

// --- struct FIELD

/** Where one value of a point lies: value = raw * scale + bias. */
export const FIELD_BYTES = 24;
/** From the start of the point; any alignment. [u32 bytes; the field ends within the point step] */
export const FIELD_OFFSET = 0;
/** What stands there; TYPE_ABSENT leaves the field out (not x, y, z). [u32; TYPE_*] */
export const FIELD_TYPE = 4;
/** Metres a step for x, y, z. [f64; finite] */
export const FIELD_SCALE = 8;
/** Metres for x, y, z. [f64; finite] */
export const FIELD_BIAS = 16;

// --- struct LAYOUT

/** A point of the driver's buffer, as sensor_msgs/PointCloud2 describes it. */
export const LAYOUT_BYTES = 152;
/** From one point to the next. [u32 bytes; 1..POINT_STEP_MAX] */
export const LAYOUT_POINT_STEP = 0;
/** Forward in the sensor's frame, after scale and bias. [FIELD metres] */
export const LAYOUT_X = 8;
/** Left in the sensor's frame. [FIELD metres] */
export const LAYOUT_Y = 32;
/** Up in the sensor's frame. [FIELD metres] */
export const LAYOUT_Z = 56;
/** Scaled by the host so that 0..1 spans the sensor's range; clamped in the core. [FIELD; 0..1] */
export const LAYOUT_INTENSITY = 80;
/** Beam n, scaled to (n + 0.5) / 256. [FIELD; 0..1] */
export const LAYOUT_RING = 104;
/** Time of the point, scaled so that 0..1 spans the frame. [FIELD; 0..1] */
export const LAYOUT_TIME = 128;

// --- struct FRAME

/** What the host knows of this frame. */
export const FRAME_BYTES = 128;
/** Whether pose holds one. [u32; 0 or 1] */
export const FRAME_HAS_POSE = 0;
/** Whether stamp_ns holds a capture time. [u32; 0 or 1] */
export const FRAME_HAS_STAMP = 4;
/** Capture time since the Unix epoch. [u64 nanoseconds] */
export const FRAME_STAMP_NS = 8;
/**
 * Sensor in map: translation x y z, then quaternion x y z w (normalised by the core). [f64 x 7
 * metres; finite, at most 1e9; not a zero quaternion]
 */
export const FRAME_POSE = 16;
/**
 * Taken and zeroed by session_begin: a secret offset of the session's map (x y z) and a direction
 * (u v) whose angle is its secret yaw; u = v = 0 stands for no turn. [f64 x 5 metres; finite, at
 * most 1e9]
 */
export const FRAME_SESSION_OFFSET = 72;
/**
 * Point slots that the frame will push, 0 if unknown: the first size of the table of bricks. [u32
 * points]
 */
export const FRAME_SLOTS = 112;
/**
 * Seed of the hash that finds bricks, 0 for a fixed one. A secret seed keeps whoever places the
 * points from choosing cells that collide; the result does not depend on it. [u64]
 */
export const FRAME_SEED = 120;

// --- struct POLICY

/**
 * What may leave of a frame: the fixed part. Behind it box_count BOX, area_count AREA and
 * vertex_count VERTEX follow.
 */
export const POLICY_BYTES = 80;
/** The edge of a voxel. [f32 metres; LEAF_MIN_MM..LEAF_MAX_MM] */
export const POLICY_LEAF_M = 0;
/** Whether a voxel carries more than its cell. [u32; POINT_*] */
export const POLICY_POINT = 4;
/** Which frame the cells are in. [u32; POSE_*] */
export const POLICY_POSE = 8;
/** Size classes of the records. [u32; PAD_*, or the bytes of a first class] */
export const POLICY_PADDING = 12;
/** Capture times are floored to a multiple of it; 0 drops the time. [u64 nanoseconds] */
export const POLICY_TIME_NS = 16;
/**
 * Bit i lets metadata field i pass; any other bit is refused. [u64; bits META_FRAME_ID, META_TOPIC,
 * META_SENSOR_MODEL, META_LABEL]
 */
export const POLICY_FIELDS = 24;
/** Kept of the intensity; 0 drops it. [u32 bits; 0..8] */
export const POLICY_INTENSITY_BITS = 32;
/** Kept of the ring; 0 drops it. [u32 bits; 0..8] */
export const POLICY_RING_BITS = 36;
/** Kept of the time of a point; 0 drops it. [u32 bits; 0..8] */
export const POLICY_TIME_BITS = 40;
/**
 * Kept of a centroid's offset inside its voxel, an axis. [u32 bits; 1..6 with POINT_CENTROID, else
 * not read]
 */
export const POLICY_CENTROID_BITS = 44;
/** Nearer points are cropped; from the sensor. [f32 metres; 0 or more] */
export const POLICY_RANGE_MIN = 48;
/**
 * Farther points are cropped; from the sensor. [f32 metres; range_min or more, infinity for no
 * limit]
 */
export const POLICY_RANGE_MAX = 52;
/**
 * Along z of the map frame (of the sensor without a pose); lower points are cropped. [f32 metres;
 * minus infinity for no limit]
 */
export const POLICY_HEIGHT_MIN = 56;
/** Higher points are cropped. [f32 metres; height_min or more, infinity for no limit] */
export const POLICY_HEIGHT_MAX = 60;
/** Every no-go area is grown by it before it is applied. [f32 metres; 0 or more, finite] */
export const POLICY_DILATE_M = 64;
/** Boxes behind the fixed part. [u32; 0..BOX_COUNT_MAX] */
export const POLICY_BOX_COUNT = 68;
/** No-go areas behind the boxes. [u32; 0..AREA_COUNT_MAX] */
export const POLICY_AREA_COUNT = 72;
/** Vertices behind the areas. [u32; 0..VERTEX_COUNT_MAX; the sum of the areas' vertices] */
export const POLICY_VERTEX_COUNT = 76;

// --- struct BOX

/** A crop box in the sensor's frame. */
export const BOX_BYTES = 44;
/** What the box does. [u32; BOX_REMOVE or BOX_KEEP] */
export const BOX_MODE = 0;
/** x y z. [f32 x 3 metres; finite] */
export const BOX_CENTRE = 4;
/** Half extents along the box's own axes. [f32 x 3 metres; 0 or more] */
export const BOX_HALF = 16;
/** Box in sensor, x y z w (normalised by the core). [f32 x 4; finite, not zero] */
export const BOX_QUATERNION = 28;

// --- struct AREA

/**
 * A no-go area: a polygon between two heights, in the map frame (of the sensor without a pose). Its
 * vertices follow in the vertex list, in the order of the areas.
 */
export const AREA_BYTES = 12;
/** Vertices of this area. [u32; 3 or more] */
export const AREA_VERTICES = 0;
/** Lower end. [f32 metres] */
export const AREA_Z_MIN = 4;
/** Upper end. [f32 metres; z_min or more] */
export const AREA_Z_MAX = 8;

// --- struct VERTEX

/** A corner of a no-go area, in the map frame (of the sensor without a pose). */
export const VERTEX_BYTES = 8;
/** Along x. [f32 metres; finite] */
export const VERTEX_X = 0;
/** Along y. [f32 metres; finite] */
export const VERTEX_Y = 4;

// --- struct METADATA_RECORD

/**
 * Head of a metadata record; its value follows at once, and the next record behind that, unaligned.
 */
export const METADATA_RECORD_BYTES = 4;
/** Which field. [u16; META_*] */
export const METADATA_RECORD_ID = 0;
/** Length of the value. [u16 bytes] */
export const METADATA_RECORD_LENGTH = 2;

// --- struct STATS

/**
 * Counters of the current frame, in points unless said otherwise. Each point counts once, under the
 * first rule that removed it.
 */
export const STATS_BYTES = 100;
/** Slots pushed. [u32 points] */
export const STATS_POINTS_IN = 0;
/** Dropped: a coordinate is no number. [u32 points] */
export const STATS_NAN = 4;
/** Dropped: a coordinate is infinite. [u32 points] */
export const STATS_INF = 8;
/** Dropped: exactly 0 0 0, the placeholder of an empty slot. [u32 points] */
export const STATS_ZERO = 12;
/** Dropped: beyond the 21-bit range of the cells. [u32 points] */
export const STATS_DOMAIN = 16;
/** Cropped by a no-go area. [u32 points] */
export const STATS_NO_GO = 20;
/** Cropped by the range. [u32 points] */
export const STATS_RANGE = 24;
/** Cropped by the height. [u32 points] */
export const STATS_HEIGHT = 28;
/** Cropped by a box. [u32 points] */
export const STATS_BOX = 32;
/** Points that are in voxels. [u32 points] */
export const STATS_KEPT = 36;
/** Voxels of the finished frame. [u32 voxels] */
export const STATS_VOXELS = 40;
/** Length of the encoded tile. [u32 bytes] */
export const STATS_TILE_BYTES = 44;
/** Length of the record: the tile with its padding. [u32 bytes] */
export const STATS_PADDED_BYTES = 48;
/** What became of each metadata field (META_*). [u8 x 48; FIELD_*] */
export const STATS_FIELDS = 52;

// --- struct VOXEL

/** One voxel as frame_voxels reads it out, in the output frame. */
export const VOXEL_BYTES = 16;
/** Centre, or centroid, as the policy says. [f32 metres] */
export const VOXEL_X = 0;
/** Centre or centroid. [f32 metres] */
export const VOXEL_Y = 4;
/** Centre or centroid. [f32 metres] */
export const VOXEL_Z = 8;
/** Points in the voxel; 0 for centres. [f32 points] */
export const VOXEL_POINTS = 12;

// --- struct CELL

/** Place of one decoded voxel, in cells: its lowest corner is cell * leaf. */
export const CELL_BYTES = 12;
/** Along x. [i32 cells] */
export const CELL_X = 0;
/** Along y. [i32 cells] */
export const CELL_Y = 4;
/** Along z. [i32 cells] */
export const CELL_Z = 8;

// --- struct VALUE

/**
 * Values of one decoded voxel, of as many bits as the tile's header says; absent ones are 0. A
 * value v of b bits stands for (v + 0.5) / 2^b.
 */
export const VALUE_BYTES = 8;
/** Mean of the points, from the cell's lowest corner. [u8 of a cell] */
export const VALUE_CENTROID_X = 0;
/** Along y. [u8 of a cell] */
export const VALUE_CENTROID_Y = 1;
/** Along z. [u8 of a cell] */
export const VALUE_CENTROID_Z = 2;
/** Mean intensity. [u8 of the range] */
export const VALUE_INTENSITY = 3;
/** Mean ring. [u8 of 256 beams] */
export const VALUE_RING = 4;
/** Mean time. [u8 of the frame] */
export const VALUE_TIME = 5;

// --- struct MAP

/**
 * A map of many frames: map_begin takes the first fields, every call of the map writes those from
 * scans on.
 */
export const MAP_BYTES = 80;
/** Nothing younger than this is released. [u64 nanoseconds; 0..3600e9] */
export const MAP_HOLD_NS = 0;
/**
 * Scans whose hits and free space are put together before empty space is told from it. [u32 scans;
 * 1..8]
 */
export const MAP_WINDOW_SCANS = 8;
/** How far from the sensor free space is looked for, along x and y. [u32 cells; 1..255] */
export const MAP_CARVE_CELLS = 12;
/** So many cells before what it hit a ray tells nothing any more. [u32 cells; 0..8] */
export const MAP_GAP_CELLS = 16;
/**
 * 1 where the lidar measures in one plane: empty space is told from that plane alone. [u32; 0 or 1]
 */
export const MAP_FLAT = 20;
/**
 * Windows in which a cell must have been empty before what was hit in it counts as moving. [u32
 * windows; 1..3]
 */
export const MAP_VOID_MIN = 24;
/** Scans that must have hit a cell before it is released. [u32 scans; 1..255] */
export const MAP_HITS_MIN = 28;
/**
 * A cell hit in no more scans than this goes with a neighbour that was empty. [u32 scans; 0..255]
 */
export const MAP_VOTE_HITS = 32;
/**
 * The same for a cell hit in no more scans than this with crowd_voids such neighbours. [u32 scans;
 * 0..255]
 */
export const MAP_CROWD_HITS = 36;
/** How many of the 26 neighbours (flat: 8) that is. [u32 cells; 1..26] */
export const MAP_CROWD_VOIDS = 40;
/** Out: scans that were taken, those that are held back included. [u32 scans] */
export const MAP_SCANS = 44;
/** Out: scans that are held back. [u32 scans] */
export const MAP_HELD_SCANS = 48;
/** Out: cells of these scans, with three a scan for its head. [u32 cells] */
export const MAP_HELD_CELLS = 52;
/** Out: how many there is room for. [u32 cells] */
export const MAP_HELD_CELLS_MAX = 56;
/** Out: blocks of 64 x 64 x 16 cells in use. [u32 blocks] */
export const MAP_BLOCKS = 60;
/** Out: how many there are. [u32 blocks] */
export const MAP_BLOCKS_MAX = 64;
/**
 * Out: empty cells that were not kept, since no block was left for them; stays at its highest. [u32
 * cells]
 */
export const MAP_VOIDS_LOST = 68;
/** Out: what the scan that was refused last had no room in. [u32; FULL_*] */
export const MAP_FULL = 72;

// --- struct SEEDS

/** Randomness for seal_key. */
export const SEEDS_BYTES = 64;
/**
 * Secret, from non-volatile memory; seed() leaves the one for the next start here. [u8 x 32; not
 * all zeros, another value at every start]
 */
export const SEEDS_STORED = 0;
/** From a true random number generator, zeros if there is none; taken and zeroed. [u8 x 32] */
export const SEEDS_FRESH = 32;

// --- struct SEAL

/**
 * Key material and header fields of an artefact, written by the host or seal_key, wiped when taken.
 */
export const SEAL_BYTES = 216;
/** Random, for this artefact alone. [u8 x 32; not all zeros, never used before] */
export const SEAL_DATA_KEY = 0;
/** Random: the header of the secretstream. [u8 x 24; not all zeros] */
export const SEAL_STREAM_HEADER = 32;
/** First 8 bytes of BLAKE2b-256 of the recipient's public key, keyed mapveil.key-id.v1. [u8 x 8] */
export const SEAL_KEY_ID = 56;
/** crypto_box_seal of the data key for the recipient. [u8 x 80] */
export const SEAL_SEALED_KEY = 64;
/** Digest of the policy, for the header. [u8 x 32] */
export const SEAL_POLICY_DIGEST = 144;
/** Permission epoch, for the header. [u64] */
export const SEAL_EPOCH = 176;
/**
 * X25519 public key for which seal_key seals the data key; not read by others. [u8 x 32; a point
 * that is not of low order]
 */
export const SEAL_RECIPIENT = 184;

// --- struct HEADER

/** Header of a .veil artefact: bytes in a row, little-endian, partly unaligned. */
export const HEADER_BYTES = 194;
/** "MVEIL\x01". [u8 x 6] */
export const HEADER_MAGIC = 0;
/** Algorithms. [u8; SUITE_*] */
export const HEADER_SUITE = 6;
/** What is inside. [u8; KIND_*] */
export const HEADER_KIND = 7;
/** Length of this header. [u16 bytes; HEADER_BYTES] */
export const HEADER_LENGTH = 8;
/** First 8 bytes of BLAKE2b-256 of the recipient's public key, keyed mapveil.key-id.v1. [u8 x 8] */
export const HEADER_KEY_ID = 10;
/** crypto_box_seal of the data key. [u8 x 80] */
export const HEADER_SEALED_KEY = 18;
/** Header of the secretstream. [u8 x 24] */
export const HEADER_STREAM = 98;
/** Keyed BLAKE2b-256 of the data key. [u8 x 32] */
export const HEADER_COMMITMENT = 122;
/** Digest of the policy. [u8 x 32] */
export const HEADER_POLICY_DIGEST = 154;
/** Permission epoch. [u64] */
export const HEADER_EPOCH = 186;

// --- struct TILE

/**
 * Header of a tile, the plaintext of one record; metadata records, the octree and values follow.
 */
export const TILE_BYTES = 36;
/** "MVT\x01". [u8 x 4] */
export const TILE_MAGIC = 0;
/** Length of the whole tile; what follows in the record is padding. [u32 bytes] */
export const TILE_LENGTH = 4;
/** Bit set. [u8; TILE_HAS_ORIGIN] */
export const TILE_FLAGS = 8;
/** Depth of the octree; 0 for an empty tile. [u8 levels; 0..21] */
export const TILE_DEPTH = 9;
/** Size of each centroid value, an axis; 0 if absent. [u8 bits; 0..6] */
export const TILE_CENTROID_BITS = 10;
/** Size of each intensity; 0 if absent. [u8 bits; 0..8] */
export const TILE_INTENSITY_BITS = 11;
/** Size of each ring; 0 if absent. [u8 bits; 0..8] */
export const TILE_RING_BITS = 12;
/** Size of each time; 0 if absent. [u8 bits; 0..8] */
export const TILE_TIME_BITS = 13;
/** Length of the metadata records right behind the header. [u16 bytes] */
export const TILE_METADATA_BYTES = 14;
/** The edge of a voxel. [f32 metres] */
export const TILE_LEAF_M = 16;
/** Voxels in the tile. [u32 voxels] */
export const TILE_VOXELS = 20;
/**
 * Lowest corner of the octree, what a leaf's coordinates are added to. With TILE_HAS_ORIGIN cells
 * of the map frame, a multiple of 4; else -3..0, such that the lowest cell of the tile is 0 0 0.
 * [i32 x 3 cells]
 */
export const TILE_ORIGIN = 24;

// --- CAP_*: Bits of capabilities()

/** Needs an engine with 128-bit SIMD; gives the same bytes. */
export const CAP_SIMD = 1;
/** Frames to voxels. */
export const CAP_FRAME = 2;
/** Voxels to tiles. */
export const CAP_TILE = 4;
/** Sealing. */
export const CAP_SEAL = 8;
/** Opening artefacts, decoding tiles, reading out. */
export const CAP_OPEN = 16;
/** Centroids and attributes. */
export const CAP_VALUES = 32;
/** Maps of many frames. */
export const CAP_MAP = 64;

// --- LIMIT_*: What limit() tells of the profile

/** MAX_POINTS. */
export const LIMIT_VOXELS = 0;
/** MAX_SLOTS. */
export const LIMIT_SLOTS = 1;
/** BOX_COUNT_MAX. */
export const LIMIT_BOXES = 2;
/** AREA_COUNT_MAX. */
export const LIMIT_AREAS = 3;
/** VERTEX_COUNT_MAX. */
export const LIMIT_VERTICES = 4;
/** MESSAGE_BYTES. */
export const LIMIT_MESSAGE_BYTES = 5;

// --- TYPE_*: FIELD.type: little-endian numbers

/** The point has no such field. */
export const TYPE_ABSENT = 0;
/** IEEE-754 binary32. */
export const TYPE_F32 = 1;
/** IEEE-754 binary64. */
export const TYPE_F64 = 2;
/** Signed. */
export const TYPE_I16 = 3;
/** Signed. */
export const TYPE_I32 = 4;
/** Unsigned. */
export const TYPE_U8 = 5;
/** Unsigned. */
export const TYPE_U16 = 6;
/** Unsigned. */
export const TYPE_U32 = 7;

// --- BOX_*: BOX.mode

/** Points inside are cropped. */
export const BOX_REMOVE = 0;
/** Points outside every kept box are cropped. */
export const BOX_KEEP = 1;

// --- POINT_*: POLICY.point

/** A voxel is given by its cell alone; consumers place it at the cell's centre. */
export const POINT_CENTRE = 0;
/** A voxel also carries the mean of its points, quantised inside the cell. */
export const POINT_CENTROID = 1;

// --- POSE_*: POLICY.pose

/**
 * No pose: sensor axes, and the lowest cell of the cloud becomes the origin. The tree's alignment
 * still tells where that cell lay modulo 4.
 */
export const POSE_DROP = 0;
/** The first pose of the session, moved by its secret offset, becomes the origin. */
export const POSE_SESSION = 1;
/** The pose as the robot knows it. */
export const POSE_KEEP = 2;
/**
 * As SESSION, but turned about the vertical alone, so that floors stay level. Needs a pose; only
 * for map_add, where CAP_MAP is.
 */
export const POSE_MAP = 3;

// --- PAD_*: POLICY.padding

/** A record grows to the next power of two from 4 KiB. */
export const PAD_POWER_OF_TWO = 0;
/** A record grows by at most 12 % (Padmé). */
export const PAD_PADME = 1;
/**
 * From here up to the size of REGION_PLAIN: bytes of the first class; the others are its doubles,
 * and the region itself. In standard and wide only.
 */
export const PAD_FIRST_CLASS = 64;

// --- META_*: Metadata fields: METADATA_RECORD.id, and their bits in POLICY.fields

/**
 * Capture time, u64 nanoseconds, floored as POLICY.time_ns says. Comes from FRAME, not as a record.
 */
export const META_TIME = 1;
/** Passes if the policy names it. */
export const META_FRAME_ID = 2;
/** Passes if the policy names it. */
export const META_TOPIC = 3;
/** Passes if the policy names it. */
export const META_SENSOR_MODEL = 4;
/** Passes if the policy names it. */
export const META_LABEL = 5;
/**
 * How well a release can be linked, as the host words it. Passes whenever it is offered, where
 * CAP_MAP is; no policy names it.
 */
export const META_LINKAGE = 6;
/** Never passes. */
export const META_SERIAL_NUMBER = 32;
/** Never passes. */
export const META_PART_NUMBER = 33;
/** Never passes. */
export const META_FIRMWARE = 34;
/** Never passes. */
export const META_HOST_NAME = 35;
/** Never passes. */
export const META_IP_ADDRESS = 36;
/** Never passes. */
export const META_MAC_ADDRESS = 37;
/** Never passes. */
export const META_WALL_CLOCK = 38;
/** Never passes as a record; POSE_KEEP keeps the map's frame. */
export const META_MAP_ORIGIN = 39;
/** Never passes. */
export const META_CALIBRATION = 40;
/** Never passes. */
export const META_GEO_POSITION = 41;
/** Never passes. */
export const META_SESSION_ID = 42;
/** Never passes. */
export const META_SOFTWARE = 43;
/** Never passes. */
export const META_COMMENT = 44;
/** Never passes. */
export const META_FILE_NAME = 45;
/** Never passes. */
export const META_RAW_TEXT = 46;
/** Point fields of the input that the policy does not keep: counted, never read. */
export const META_POINT_FIELD = 47;

// --- MAP_*: Parts of a map that map_release gives

/** What stands still: may be encoded. */
export const MAP_KEPT = 0;
/** What moved, or was hit in too few scans: may be read out, and never leaves. */
export const MAP_REMOVED = 1;

// --- FULL_*: MAP.full

/** No scan was refused for want of room. */
export const FULL_NOTHING = 0;
/** The map reaches over more blocks than there are. */
export const FULL_BLOCKS = 1;
/** More cells are held back than there is room for. */
export const FULL_HELD = 2;

// --- FIELD_*: STATS.fields: what became of a metadata field

/** It was not there. */
export const FIELD_NOT_OFFERED = 0;
/** It is in the tile. */
export const FIELD_PASSED = 1;
/** It was there, and ends here. */
export const FIELD_STRIPPED = 2;

// --- TAG_*: Tags of messages, as libsodium's secretstream has them

/** A record goes on in the next message. */
export const TAG_MESSAGE = 0;
/** End of a record. */
export const TAG_PUSH = 1;
/** Not sealed by the core; followed where it is met. */
export const TAG_REKEY = 2;
/** End of the artefact. */
export const TAG_FINAL = 3;

// --- SUITE_*: HEADER.suite

/** X25519 sealed box, secretstream XChaCha20-Poly1305, BLAKE2b. */
export const SUITE_1 = 1;

// --- KIND_*: HEADER.kind: what an artefact holds

/** Single frames. */
export const KIND_FRAME = 1;
/** A map of many frames. */
export const KIND_MAP = 2;
/** A floor plan. */
export const KIND_GRID = 3;
/** A path. */
export const KIND_PATH = 4;

// --- TILE_*: Bits of TILE.flags

/** Cells are in a frame that outlives the tile: tiles of one artefact fit together. */
export const TILE_HAS_ORIGIN = 1;
