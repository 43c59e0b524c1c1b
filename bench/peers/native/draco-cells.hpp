// Draco's KD-tree codec on cells: exact integers, x y z each, without deduplication.
#pragma once

#include <draco/compression/decode.h>
#include <draco/compression/expert_encode.h>
#include <draco/point_cloud/point_cloud_builder.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace peer {

// Encodes `count` cells to `out`. speed: 0 (smallest, as a rule) to 10 (fastest).
inline void encode_cells(const std::int32_t* cells, std::size_t count, int speed,
                         draco::EncoderBuffer& out) {
  draco::PointCloudBuilder builder;
  builder.Start(static_cast<draco::PointIndex::ValueType>(count));
  const int id = builder.AddAttribute(draco::GeometryAttribute::POSITION, 3, draco::DT_INT32);
  builder.SetAttributeValuesForAllPoints(id, cells, 0);
  const auto cloud = builder.Finalize(false);
  draco::ExpertEncoder encoder(*cloud);
  encoder.SetEncodingMethod(draco::POINT_CLOUD_KD_TREE_ENCODING);
  encoder.SetSpeedOptions(speed, speed);
  out.Clear();
  const auto status = encoder.EncodeToBuffer(&out);
  if (!status.ok()) throw std::runtime_error(status.error_msg());
}

// Decodes what encode_cells made; the cells come in Draco's order.
inline void decode_cells(const char* bytes, std::size_t count, std::vector<std::int32_t>& cells) {
  draco::DecoderBuffer buffer;
  buffer.Init(bytes, count);
  draco::Decoder decoder;
  auto decoded = decoder.DecodePointCloudFromBuffer(&buffer);
  if (!decoded.ok()) throw std::runtime_error(decoded.status().error_msg());
  const auto& cloud = *decoded.value();
  const auto* attribute = cloud.GetNamedAttribute(draco::GeometryAttribute::POSITION);
  if (attribute == nullptr) throw std::runtime_error("a cloud without positions");
  const auto points = cloud.num_points();
  cells.resize(std::size_t{3} * points);
  for (draco::PointIndex i(0); i < points; ++i) {
    const auto value = attribute->mapped_index(i);
    if (!attribute->ConvertValue<std::int32_t, 3>(value, &cells[std::size_t{3} * i.value()])) {
      throw std::runtime_error("positions that are no integers");
    }
  }
}

}  // namespace peer
