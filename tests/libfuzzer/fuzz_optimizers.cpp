// Every optimizer's update of any variables with any settings: it refuses before
// it has changed anything, leaves what has no gradient alone, gives numbers for
// numbers, and does the same twice.
#include <algorithm>

#include "core/registry.h"
#include "drawing.h"
#include "names.h"

using namespace drawing;

namespace {

using elman::Arrays;
using elman::Attributes;

const std::vector<std::string>& rules() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const std::string& name : elman::kernel_names()) {
      if (name.rfind("optimizer_", 0) == 0) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }();
  return names;
}

// Settings within the ranges of the functions that make optimizers.
Attributes draw_attributes(Bytes* bytes, bool* wild) {
  static const double rates[] = {0.5, 0.9, 0.1, 0.05,
                                 0.999, 0.25, 0.01, 0.75};
  static const double hostile[] = {0, -1, 1e30, std::nan(""),
                                   HUGE_VAL, 2, 7, 1};
  Attributes out;
  *wild = bytes->below(8) == 7;
  for (const char* name : attribute_names()) {
    const uint8_t draw = bytes->byte();
    const std::string is = name;
    if (is == "decayed" || is == "axes") continue;
    if (is == "gradient_accumulation_steps" || is == "dynamic_growth_steps" ||
        is == "ema_overwrite_frequency" || is == "use_ema" ||
        is == "loss_scale_factor") {
      if (draw % 8 == 7) out.set(name, 1.0 + draw / 64);
      continue;
    }
    if (draw % 8 == 7 && is != "learning_rate") continue;
    if (is == "epsilon") {
      out.set(name, 1e-4);
    } else if (is == "ns_steps") {
      out.set(name, 1.0 + draw / 8 % 6);
      continue;
    } else if (is == "learning_rate_power" || is == "beta_2_decay") {
      out.set(name, -0.5);
    } else {
      out.set(name, rates[draw / 8 % 8]);
    }
    if (*wild && draw % 16 == 5) out.change(name, {hostile[draw / 32]});
  }
  return out;
}

struct Model {
  std::vector<Owned> in, out;
  std::vector<bool> absent, lacks;  // of in, of out
};

Arrays views(const std::vector<Owned>& arrays,
             const std::vector<bool>& absent) {
  Arrays out;
  for (size_t k = 0; k < arrays.size(); ++k) {
    out.push_back(absent[k] ? Array{} : arrays[k].view());
  }
  return out;
}

// Counters, then what the rule keeps for all together, then as many arrays like
// each variable as are wanted.
Model draw_model(Bytes* bytes, const Attributes& attributes, int64_t states,
                 int64_t copies) {
  Model model;
  model.out.emplace_back(DType::kInt32, Shape{});
  *model.out[0].as<int32_t>() = static_cast<int32_t>(bytes->below(9));
  if (attributes.has("dynamic_growth_steps")) {
    model.out.emplace_back(DType::kInt32, Shape{});
    *model.out[1].as<int32_t>() = static_cast<int32_t>(bytes->below(3));
    model.out.emplace_back(DType::kFloat32, Shape{});
    *model.out[2].as<float>() = 64;
  }
  std::vector<Owned> variables;
  std::vector<Shape> shapes;
  std::vector<DType> dtypes;
  for (int64_t n = 1 + bytes->below(3); n > 0; --n) {
    Shape shape;
    for (int64_t rank = bytes->below(4); rank > 0; --rank) {
      shape.push_back(draw_size(bytes) % 20);
    }
    shapes.push_back(shape);
    dtypes.push_back(bytes->below(4) == 3 ? DType::kFloat64 : DType::kFloat32);
    model.in.emplace_back(dtypes.back(), shape);
    model.in.back().draw(bytes, kUniform);
    model.absent.push_back(bytes->below(8) == 7);
  }
  for (; states > 0; --states) {
    model.out.emplace_back(dtypes[0], Shape{});
    model.out.back().draw(bytes, kUniform);
  }
  for (int64_t copy = 0; copy < copies; ++copy) {
    for (size_t k = 0; k < shapes.size(); ++k) {
      model.out.emplace_back(dtypes[k], shapes[k]);
      // What is summed up by squares is not negative.
      if (copy == 0) {
        model.out.back().draw(bytes, kUniform);
      } else {
        model.out.back().fill_bytes(0);
      }
    }
  }
  // Of a matrix Muon keeps one array, all others of everything.
  model.lacks.resize(model.out.size());
  for (size_t k = 0; k < shapes.size(); ++k) {
    if (shapes[k].rank() == 2 && bytes->flag()) {
      model.lacks[model.out.size() - shapes.size() + k] = copies > 1;
    }
  }
  return model;
}

bool runs(const std::string& name, const Model& model, const Attributes& a) {
  try {
    (*elman::find_kernel(name))(views(model.in, model.absent),
                                views(model.out, model.lacks), a);
    return true;
  } catch (const std::invalid_argument&) {
    return false;
  }
}

std::vector<Owned> copies_of(const std::vector<Owned>& arrays) {
  std::vector<Owned> out;
  for (const Owned& one : arrays) {
    out.emplace_back(one.view().dtype, one.view().shape);
    if (one.size() > 0) {
      std::memcpy(out.back().as<char>(), one.as<char>(),
                  static_cast<size_t>(one.size()));
    }
  }
  return out;
}

bool is_finite(const Owned& one) {
  for (int64_t i = 0; i < one.view().size(); ++i) {
    const double value = one.view().dtype == DType::kFloat64
                             ? one.as<double>()[i]
                             : one.as<float>()[i];
    if (!std::isfinite(value)) return false;
  }
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Bytes bytes(data, size);
  draw_machine(&bytes);
  const std::string& name = bytes.one_of(rules());
  bool wild = false;
  const Attributes attributes = draw_attributes(&bytes, &wild);
  const int64_t copies = 1 + bytes.below(5), states = bytes.below(4) / 3;
  Model model = draw_model(&bytes, attributes, states, copies);
  const std::vector<Owned> before = copies_of(model.out);
  Model twin;
  twin.in = copies_of(model.in);
  twin.out = copies_of(model.out);
  twin.absent = model.absent;
  twin.lacks = model.lacks;
  const bool works = runs(name, model, attributes);
  hold(works == runs(name, twin, attributes), "it works or not");
  for (size_t k = 0; k < model.out.size(); ++k) {
    if (!works) {
      hold(model.out[k].same_bits(before[k]), name + " refuses and changes");
    }
    hold(model.out[k].same_bits(twin.out[k]), name + " is the same again");
  }
  // With more or fewer states than the rule has, what was drawn as one thing may
  // have been taken for another.
  const bool fits = states == (name == "optimizer_nadam" ? 1 : 0);
  if (!works || wild || !fits) return 0;
  const size_t variables = model.out.size() -
                           static_cast<size_t>(copies) * model.in.size();
  const bool averages = attributes.flag("use_ema", false);
  for (size_t k = 0; k < model.in.size(); ++k) {
    const Owned& w = model.out[variables + k];
    if (model.absent[k] && !averages) {
      hold(w.same_bits(before[variables + k]),
           name + " changes a variable without a gradient");
    }
    hold(is_finite(w), name + " gives numbers for numbers");
  }
  return 0;
}
