// The voxel grid of the core (assembly/voxel) once more, in plain C: what the same algorithm takes
// where nothing stands between the compiler and the machine.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct brick_grid brick_grid;

// Room for frames of so many points; NULL without memory.
brick_grid *brick_grid_new(uint32_t points_max);
void brick_grid_free(brick_grid *grid);

// Grids points, x y z each, at most as many as there is room for; NaN, infinity and (0, 0, 0) are left
// out, as are points of 2^20 cells and farther. Writes x y z of the centroid and the number of points
// of each voxel to `out`, in the order in which bricks were met, and returns how many there are.
uint32_t brick_grid_run(brick_grid *grid, const float *xyz, uint32_t points, float leaf, float *out);

#ifdef __cplusplus
}
#endif
