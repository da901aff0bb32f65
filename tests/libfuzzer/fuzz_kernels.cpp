// Every kernel of the registry with arrays, shapes and attributes that are
// drawn: it throws std::invalid_argument, or it writes all of its outputs, the
// same ones each time.
#include "core/registry.h"
#include "drawing.h"
#include "names.h"

using namespace drawing;

namespace {

using elman::Arrays;
using elman::Attributes;

// Those that change what they are given have a target of their own.
const std::vector<std::string>& kernels() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const std::string& name : elman::kernel_names()) {
      if (name.rfind("optimizer_", 0) != 0) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }();
  return names;
}

// The inputs, and from bit 16 on the outputs, that a kernel can do without.
uint32_t may_lack(const std::string& name) {
  if (name.rfind("rnn_", 0) == 0) return 0xffffffff;
  if (name == "sum_of_squares") return 0xffff;
  if (name == "sample_sums") return 2;
  if (name == "confusion_counts") return 4;
  const bool loss = name.find("entropy") != std::string::npos ||
                    name.find("logits") != std::string::npos ||
                    name.find("_error") != std::string::npos;
  const bool gradient = name.find("_gradient") != std::string::npos;
  return loss && !gradient ? 0x30000 : 0;
}

double draw_number(Bytes* bytes) {
  static const double numbers[] = {
      0, 1, 2, 3, -1, -2, 4, 5, 0.5, 8, 16, 17, 100, -5, 1e-7, 0.25,
      4294967295.0, 2147483647.0, -2147483648.0, 9007199254740992.0,
      -9007199254740992.0, 4611686018427387904.0, 1e18, 1e300, -1e300, HUGE_VAL,
      -HUGE_VAL, std::nan(""), 1e9, 3e9, 0.999, -0.0};
  const uint8_t draw = bytes->byte();
  // Small whole numbers are what most attributes are.
  return draw < 192 ? numbers[draw % 8] : numbers[draw % 32];
}

Attributes draw_attributes(Bytes* bytes) {
  Attributes out;
  for (const char* name : attribute_names()) {
    const int64_t kind = bytes->below(16);
    if (kind == 0) continue;
    if (std::strcmp(name, "name") == 0 || std::strcmp(name, "cell") == 0 ||
        std::strstr(name, "activation") != nullptr) {
      out.set(name, kind == 1 ? bytes->text(8)
                              : std::string(bytes->one_of(words())));
      continue;
    }
    size_t length = kind < 8 ? 1 : kind < 11 ? 3 : kind < 13 ? 2 : kind % 5;
    std::vector<double> values;
    while (length-- > 0) values.push_back(draw_number(bytes));
    out.set(name, values);
  }
  return out;
}

Shape draw_shape(Bytes* bytes, const int64_t (&sizes)[4]) {
  Shape shape;
  for (int64_t rank = bytes->below(16) % 5; rank > 0; --rank) {
    shape.push_back(sizes[bytes->below(4)]);
  }
  return shape;
}

// Sizes of a case repeat, so that many arrays fit each other.
std::vector<Owned> draw_arrays(Bytes* bytes, int64_t count,
                               const int64_t (&sizes)[4],
                               std::vector<Shape>* shapes, DType usual) {
  std::vector<Owned> out;
  for (; count > 0; --count) {
    Shape shape = bytes->flag() && !shapes->empty()
                      ? bytes->one_of(*shapes)
                      : draw_shape(bytes, sizes);
    if (shape.size() > 20000) shape = Shape{sizes[0]};
    shapes->push_back(shape);
    const DType dtype = bytes->below(4) > 0 ? usual : draw_dtype(bytes);
    out.emplace_back(dtype, shape);
  }
  return out;
}

Arrays views(const std::vector<Owned>& arrays, uint32_t absent) {
  Arrays out;
  for (size_t k = 0; k < arrays.size(); ++k) {
    out.push_back(absent >> k & 1 ? Array{} : arrays[k].view());
  }
  return out;
}

// Does it do its work, or does it refuse?
bool runs(const std::string& name, const Arrays& in, const Arrays& out,
          const Attributes& attributes) {
  try {
    (*elman::find_kernel(name))(in, out, attributes);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  const std::string& name = bytes.one_of(kernels());
  draw_machine(&bytes);
  int64_t sizes[4];
  for (int64_t& one : sizes) one = draw_size(&bytes);
  const bool recurrent = name.rfind("rnn_", 0) == 0;
  const DType usual = draw_dtype(&bytes);
  std::vector<Shape> shapes;
  std::vector<Owned> in = draw_arrays(&bytes, bytes.below(recurrent ? 14 : 5),
                                      sizes, &shapes, usual);
  std::vector<Owned> out = draw_arrays(
      &bytes, recurrent ? bytes.below(7) : 1 + bytes.below(8) / 6, sizes,
      &shapes, usual);
  const uint32_t absent = may_lack(name) & bytes.word();
  const Attributes attributes = draw_attributes(&bytes);
  const Numbers how = static_cast<Numbers>(bytes.below(4));
  for (Owned& array : in) array.draw(&bytes, how);

  std::vector<Owned> again;
  for (Owned& array : out) {
    array.fill_bytes(0x5c);
    again.emplace_back(array.view().dtype, array.view().shape);
    again.back().fill_bytes(0xa3);
  }
  const uint32_t unwanted = absent >> 16;
  const bool works = runs(name, views(in, absent), views(out, unwanted),
                          attributes);
  hold(works == runs(name, views(in, absent), views(again, unwanted),
                     attributes),
       name + " refuses what it took, or takes what it refused");
  if (!works) return 0;
  for (size_t k = 0; k < out.size(); ++k) {
    if (unwanted >> k & 1) continue;
    hold(out[k].same_bits(again[k]), name + " gives the same numbers again");
  }
  return 0;
}
