/**
 * Limits and region sizes of the profile that is built, PROFILE = 0 micro, 1 standard, 2 wide.
 *
 * Made from host/embed/abi.json by `npm run build:abi`; change it there.
 */
/** Voxels that one frame or tile may hold. [voxels] */
export const MAX_POINTS: u32 = PROFILE == 0 ? 1024 : PROFILE == 1 ? 65536 : 1048576;
/** Point slots that one frame may push, empty ones included. [points] */
export const MAX_SLOTS: u32 = PROFILE == 0 ? 65536 : PROFILE == 1 ? 131072 : 2097152;
/** Crop boxes of a policy. [boxes] */
export const BOX_COUNT_MAX: u32 = PROFILE == 0 ? 4 : 64;
/** No-go areas of a policy. [areas] */
export const AREA_COUNT_MAX: u32 = PROFILE == 0 ? 4 : 64;
/** Vertices of all no-go areas of a policy together. [vertices] */
export const VERTEX_COUNT_MAX: u32 = PROFILE == 0 ? 64 : 1024;
/** Largest plaintext of one message; the .veil format allows 65,536. [bytes] */
export const MESSAGE_BYTES: u32 = PROFILE == 0 ? 1024 : 65536;
/** Bytes of REGION_POLICY. */
export const POLICY_REGION_BYTES: u32 = PROFILE == 0 ? 832 : PROFILE == 1 ? 11904 : 12288;
/** Bytes of REGION_METADATA. */
export const METADATA_REGION_BYTES: u32 = PROFILE == 0 ? 512 : PROFILE == 1 ? 4096 : 65536;
/** Bytes of REGION_INPUT. */
export const INPUT_REGION_BYTES: u32 = PROFILE == 0 ? 6144 : PROFILE == 1 ? 65536 : 1048576;
/** Bytes of REGION_PLAIN. */
export const PLAIN_REGION_BYTES: u32 = PROFILE == 0 ? 8192 : PROFILE == 1 ? 1048576 : 16777216;
/** Bytes of REGION_CELLS. */
export const CELLS_REGION_BYTES: u32 = PROFILE == 0 ? 0 : PROFILE == 1 ? 786432 : 12582912;
/** Bytes of REGION_VALUES. */
export const VALUES_REGION_BYTES: u32 = PROFILE == 0 ? 0 : PROFILE == 1 ? 524288 : 8388608;
/** Bytes of REGION_MESSAGE. */
export const MESSAGE_REGION_BYTES: u32 = PROFILE == 0 ? 1088 : PROFILE == 1 ? 65600 : 66560;
/** Bytes of REGION_MAP. */
export const MAP_REGION_BYTES: u32 = PROFILE == 0 ? 0 : PROFILE == 1 ? 0 : 80;
