// Kernels that only move elements: broadcast_to, transpose, flip, slice,
// unslice, concatenate.
// clang-format off: this comes before all templates.
#include "core/optimize.h"
// clang-format on

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "core/broadcast.h"
#include "core/strided_copy.h"

namespace elman {
namespace {

void broadcast_to(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 1, out, 1);
  const Shape& shape = out[0].shape;
  int64_t to[Shape::kMaxRank], from[Shape::kMaxRank];
  row_major_strides(shape, to);
  broadcast_strides(in[0].shape, shape, from);
  StridedCopy copy;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    copy.add_axis(shape[axis], to[axis], from[axis]);
  }
  run_copy(copy, out[0], 0, in[0], 0);
}

// Axis k of the output is axis perm[k] of the input.
void transpose(const Arrays& in, const Arrays& out,
               const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  const Shape& shape = out[0].shape;
  const std::vector<int64_t> perm = attributes.integers("perm");
  require(static_cast<int>(perm.size()) == shape.rank() &&
              in[0].shape.rank() == shape.rank(),
          "perm must name every axis once");
  int64_t to[Shape::kMaxRank], from[Shape::kMaxRank];
  row_major_strides(shape, to);
  row_major_strides(in[0].shape, from);
  StridedCopy copy;
  bool seen[Shape::kMaxRank] = {};
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int source = checked_axis(perm[axis], shape.rank());
    require(!seen[source], "perm must name every axis once");
    seen[source] = true;
    require(in[0].shape[source] == shape[axis],
            "the output must have the permuted shape");
    copy.add_axis(shape[axis], to[axis], from[source]);
  }
  run_copy(copy, out[0], 0, in[0], 0);
}

void flip(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  const Shape& shape = out[0].shape;
  require(in[0].shape == shape, "flip keeps the shape");
  if (shape.size() == 0) return;
  bool flips[Shape::kMaxRank] = {};
  for (int64_t axis : attributes.integers("axes")) {
    flips[checked_axis(axis, shape.rank())] = true;
  }
  int64_t strides[Shape::kMaxRank];
  row_major_strides(shape, strides);
  StridedCopy copy;
  int64_t offset = 0;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int64_t stride = flips[axis] ? -strides[axis] : strides[axis];
    if (flips[axis]) offset += (shape[axis] - 1) * strides[axis];
    copy.add_axis(shape[axis], strides[axis], stride);
  }
  run_copy(copy, out[0], 0, in[0], offset);
}

// Copies between an array and the part of a larger one that starts at `start`
// and takes every stride-th element, per axis.
void copy_part(const Array& whole, const Array& part, bool into_part,
               const Attributes& attributes) {
  const int rank = part.shape.rank();
  const std::vector<int64_t> start = attributes.integers("start");
  std::vector<int64_t> step(static_cast<size_t>(rank), 1);
  if (attributes.has("stride")) step = attributes.integers("stride");
  require(whole.shape.rank() == rank &&
              static_cast<int>(start.size()) == rank &&
              static_cast<int>(step.size()) == rank,
          "start and stride need one number per axis");
  int64_t outer[Shape::kMaxRank], inner[Shape::kMaxRank];
  row_major_strides(whole.shape, outer);
  row_major_strides(part.shape, inner);
  StridedCopy copy;
  int64_t offset = 0;
  if (part.size() == 0) return;
  for (int axis = 0; axis < rank; ++axis) {
    require(start[axis] >= 0 && start[axis] < whole.shape[axis] &&
                std::abs(step[axis]) <= INT32_MAX,
            "a slice must lie within the array");
    const int64_t last = start[axis] + (part.shape[axis] - 1) * step[axis];
    require(last >= 0 && last < whole.shape[axis],
            "a slice must lie within the array");
    offset += start[axis] * outer[axis];
    const int64_t stride = step[axis] * outer[axis];
    copy.add_axis(part.shape[axis], into_part ? inner[axis] : stride,
                  into_part ? stride : inner[axis]);
  }
  if (into_part) {
    run_copy(copy, part, 0, whole, offset);
  } else {
    run_copy(copy, whole, offset, part, 0);
  }
}

void slice(const Arrays& in, const Arrays& out, const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  copy_part(in[0], out[0], true, attributes);
}

// The gradient of slice: zeros with dy at the places that slice takes.
void unslice(const Arrays& in, const Arrays& out,
             const Attributes& attributes) {
  require_counts(in, 1, out, 1);
  std::memset(out[0].data, 0,
              static_cast<size_t>(out[0].size() * dtype_bytes(out[0].dtype)));
  copy_part(out[0], in[0], false, attributes);
}

void concatenate(const Arrays& in, const Arrays& out,
                 const Attributes& attributes) {
  require(out.size() == 1 && !in.empty(), "concatenate needs inputs");
  const Shape& shape = out[0].shape;
  const int axis = checked_axis(attributes.integer("axis"), shape.rank());
  const int64_t outer = shape.size(0, axis);
  const int64_t inner = shape.size(axis + 1, shape.rank());
  int64_t at = 0;
  for (const Array& part : in) {
    Shape expected = shape;
    require(part.shape.rank() == shape.rank(), "the inputs differ in rank");
    expected[axis] = part.shape[axis];
    require(part.shape == expected, "the inputs differ beside the axis");
    require(at + part.shape[axis] <= shape[axis], "the output is too small");
    const int64_t run = part.shape[axis] * inner;
    StridedCopy copy;
    copy.add_axis(outer, shape[axis] * inner, run);
    copy.add_axis(run, 1, 1);
    run_copy(copy, out[0], at * inner, part, 0);
    at += part.shape[axis];
  }
  require(at == shape[axis], "the output is too large");
}

}  // namespace

void register_shape(Registry& registry) {
  registry.add({
      {"broadcast_to", broadcast_to},
      {"transpose", transpose},
      {"flip", flip},
      {"slice", slice},
      {"unslice", unslice},
      {"concatenate", concatenate},
  });
}

}  // namespace elman
