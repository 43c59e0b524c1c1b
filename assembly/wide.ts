/** Every export of the core in its wide profile: those of index.ts, and those of maps of many frames. */
import {
  abi_version,
  capabilities,
  frame_begin,
  frame_finish,
  frame_push,
  frame_voxels,
  limit,
  open_begin,
  open_message,
  open_tag,
  region_bytes,
  region_ptr,
  seal_begin,
  seal_key,
  seal_message,
  seed,
  selftest,
  session_begin,
  tile_decode,
  tile_encode,
  wipe,
} from "./index.ts";
import { addToMap, beginMap, releaseMap } from "./map/map.ts";

// biome-ignore lint/style/useExportType: the compiler defines them
export {
  __data_end,
  __heap_base,
  abi_version,
  capabilities,
  frame_begin,
  frame_finish,
  frame_push,
  frame_voxels,
  limit,
  open_begin,
  open_message,
  open_tag,
  region_bytes,
  region_ptr,
  seal_begin,
  seal_key,
  seal_message,
  seed,
  selftest,
  session_begin,
  tile_decode,
  tile_encode,
  wipe,
};

export function map_begin(): i32 {
  return beginMap();
}

export function map_add(): i32 {
  return addToMap();
}

export function map_release(part: u32): i32 {
  return releaseMap(part);
}
