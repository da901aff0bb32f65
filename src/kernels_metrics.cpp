// The statistics that metrics add up: sums over samples, hits, and the counts
// of confusion matrices. Statistics are float64 and summed in order, so that
// they depend on no number of threads.
#include "core/dispatch.h"
#include "core/losses.h"
#include "core/metrics.h"

namespace elman {
namespace {

int64_t last_extent(const Array& array) {
  const int rank = array.shape.rank();
  return rank == 0 ? 1 : array.shape[rank - 1];
}

bool given(const Arrays& in, size_t k) {
  return in.size() > k && in[k].data != nullptr;
}

// How many elements of `values` one weight stands for: the shape of the weights
// is that of the values' first axes.
int64_t elements_per_weight(const Array& values, const Array& weights) {
  const int rank = weights.shape.rank();
  require(rank <= values.shape.rank(), "weights have too many axes");
  for (int axis = 0; axis < rank; ++axis) {
    require(weights.shape[axis] == values.shape[axis],
            "weights do not fit the values");
  }
  return values.shape.size(rank, values.shape.rank());
}

// in: values [sample, ...], and weights of its first axes or nothing; out: the
// sum over samples of the mean of a sample's weighted values, and of the mean of
// its weights. With "total", plain sums instead of means.
void sample_sums(const Arrays& in, const Arrays& out,
                 const Attributes& attributes) {
  require(in.size() == 1 || in.size() == 2, "wrong number of inputs");
  require(out.size() == 1 && out[0].size() == 2, "sums are two numbers");
  require_dtype(out[0], DType::kFloat64);
  const Array& values = in[0];
  const int rank = values.shape.rank();
  double total = 0, count = rank == 0 ? 1.0 : double(values.shape[0]);
  visit_number(values.dtype, [&](auto type) {
    using T = decltype(type);
    const T* v = values.as<T>();
    const int64_t n = values.size();
    if (!given(in, 1)) {
      for (int64_t i = 0; i < n; ++i) total += static_cast<double>(v[i]);
      return;
    }
    const Array& weights = in[1];
    const int64_t inner = elements_per_weight(values, weights);
    visit_floating(weights.dtype, [&](auto weight_type) {
      using W = decltype(weight_type);
      const W* w = weights.as<W>();
      count = 0;
      for (int64_t o = 0; o < weights.size(); ++o) {
        double sum = 0;
        for (int64_t i = 0; i < inner; ++i) {
          sum += static_cast<double>(v[o * inner + i]);
        }
        total += sum * static_cast<double>(w[o]);
        count += static_cast<double>(w[o]);
      }
      const int axes = weights.shape.rank();
      if (axes > 1) count /= static_cast<double>(weights.shape.size(1, axes));
    });
  });
  // A single weight stands for all samples as one.
  const bool single = given(in, 1) && in[1].shape.rank() == 0;
  const int64_t each = values.shape.size(single ? 0 : 1, rank);
  if (!attributes.flag("total", false) && rank > 0 && each > 0) {
    total /= static_cast<double>(each);
  }
  out[0].as<double>()[0] = total;
  out[0].as<double>()[1] = count;
}

void require_hits(const Array& out, int64_t size) {
  require_dtype(out, DType::kBool);
  require(out.size() == size, "one hit per prediction");
}

// in: y and p of one size; out: is p above "threshold" where y is 1?
void binary_hits(const Arrays& in, const Arrays& out,
                 const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  require_same_size(in[0], in[1]);
  require_dtype(in[0], in[1].dtype);
  require_hits(out[0], in[1].size());
  visit_floating(in[1].dtype, [&](auto type) {
    using T = decltype(type);
    const T threshold = static_cast<T>(attributes.number("threshold"));
    const T* y = in[0].as<T>();
    const T* p = in[1].as<T>();
    for (int64_t i = 0; i < in[1].size(); ++i) {
      out[0].as<int32_t>()[i] = y[i] == static_cast<T>(p[i] > threshold);
    }
  });
}

// in: one-hot rows y and rows p; out: have they their largest at one place?
void categorical_hits(const Arrays& in, const Arrays& out, const Attributes&) {
  require_counts(in, 2, out, 1);
  require_same_size(in[0], in[1]);
  require_dtype(in[0], in[1].dtype);
  const int64_t width = last_extent(in[1]);
  require(width > 0, "predictions need a last axis");
  require_hits(out[0], in[1].size() / width);
  visit_floating(in[1].dtype, [&](auto type) {
    using T = decltype(type);
    const T* y = in[0].as<T>();
    const T* p = in[1].as<T>();
    for (int64_t r = 0; r < out[0].size(); ++r) {
      out[0].as<int32_t>()[r] = first_largest(y + r * width, width) ==
                                first_largest(p + r * width, width);
    }
  });
}

// in: one class number y per row, and rows p; out: is p's largest at y, or y
// among p's "k" largest?
void sparse_hits(const Arrays& in, const Arrays& out,
                 const Attributes& attributes) {
  require_counts(in, 2, out, 1);
  const int64_t width = last_extent(in[1]);
  require(width > 0, "predictions need a last axis");
  const int64_t rows = in[1].size() / width;
  require(in[0].size() == rows, "one class number per row");
  require_hits(out[0], rows);
  const bool top = attributes.has("k");
  const int64_t k = attributes.integer("k", 1);
  visit_number(in[0].dtype, [&](auto number) {
    using Y = decltype(number);
    const Y* y = in[0].as<Y>();
    visit_floating(in[1].dtype, [&](auto type) {
      using T = decltype(type);
      const T* p = in[1].as<T>();
      for (int64_t r = 0; r < rows; ++r) {
        const T* row = p + r * width;
        const bool hit =
            top ? within_top(row, width, class_number(y[r]), k)
                : static_cast<Y>(first_largest(row, width)) == y[r];
        out[0].as<int32_t>()[r] = hit;
      }
    });
  });
}

// in: y and p of one shape [..., label], weights of p's first axes or nothing;
// out: [count, threshold, label], the counts being true positives, false
// positives, true negatives, false negatives, each a sum of weights. Labels are
// taken together where out has but one. Attributes: "thresholds", "even",
// "outside" (see Thresholds), "top_k" (others than a row's largest are
// negative), "class_id" (that label only), "label_weights".
void confusion_counts(const Arrays& in, const Arrays& out,
                      const Attributes& attributes) {
  require(in.size() == 2 || in.size() == 3, "wrong number of inputs");
  require(out.size() == 1, "wrong number of outputs");
  const Array& p = in[1];
  require_same_size(in[0], p);
  require_dtype(in[0], p.dtype);
  require_dtype(out[0], DType::kFloat64);
  const int64_t width = last_extent(p);
  const int64_t rows = width == 0 ? 0 : p.size() / width;
  const int64_t class_id = attributes.integer("class_id", -1);
  require(class_id < width, "there is no such class");
  const int64_t top_k = attributes.integer("top_k", 0);
  const int64_t inner = given(in, 2) ? elements_per_weight(p, in[2]) : 1;
  if (given(in, 2)) require_dtype(in[2], p.dtype);
  std::vector<double> label_weights;
  if (attributes.has("label_weights")) {
    label_weights = attributes.numbers("label_weights");
    require(static_cast<int64_t>(label_weights.size()) == width,
            "one weight per label");
  }
  visit_floating(p.dtype, [&](auto type) {
    using T = decltype(type);
    const Thresholds<T> thresholds(attributes);
    const int64_t steps = thresholds.size();
    const int64_t labels = out[0].size() / (4 * steps);
    require(out[0].size() == 4 * steps * labels &&
                (labels == 1 || labels == width),
            "counts are [4, threshold, label]");
    const T* y = in[0].as<T>();
    const T* at = p.as<T>();
    const T* w = given(in, 2) ? in[2].as<T>() : nullptr;
    // Weights by bucket and label: [0] where y is false, [1] where it is true.
    const size_t size = static_cast<size_t>((steps + 1) * labels);
    std::vector<double> buckets[2] = {std::vector<double>(size),
                                      std::vector<double>(size)};
    std::vector<int64_t> order(top_k > 0 ? width : 0);
    std::vector<char> marks(top_k > 0 ? width : 0);
    const int64_t first = class_id < 0 ? 0 : class_id;
    const int64_t last = class_id < 0 ? width : class_id + 1;
    for (int64_t r = 0; r < rows; ++r) {
      const T* row = at + r * width;
      if (top_k > 0) mark_top(row, width, top_k, &order, &marks);
      for (int64_t j = first; j < last; ++j) {
        const int64_t i = r * width + j;
        double weight = w == nullptr ? 1.0 : static_cast<double>(w[i / inner]);
        if (!label_weights.empty()) weight *= label_weights[j];
        const T value = top_k > 0 && !marks[j] ? static_cast<T>(-1e10) : row[j];
        const int64_t label = labels == 1 ? 0 : j;
        buckets[y[i] != 0][thresholds.below(value) * labels + label] += weight;
      }
    }
    double* counts = out[0].as<double>();
    for (int64_t label = 0; label < labels; ++label) {
      double all[2] = {0, 0}, above[2] = {0, 0};
      for (int64_t k = 0; k <= steps; ++k) {
        all[0] += buckets[0][k * labels + label];
        all[1] += buckets[1][k * labels + label];
      }
      for (int64_t k = steps - 1; k >= 0; --k) {
        above[0] += buckets[0][(k + 1) * labels + label];
        above[1] += buckets[1][(k + 1) * labels + label];
        double* to = counts + thresholds.place(k) * labels + label;
        to[0] = above[1];
        to[steps * labels] = above[0];
        to[2 * steps * labels] = all[0] - above[0];
        to[3 * steps * labels] = all[1] - above[1];
      }
    }
  });
}

}  // namespace

void register_metrics(Registry& registry) {
  registry.add({
      {"sample_sums", sample_sums},
      {"binary_hits", binary_hits},
      {"categorical_hits", categorical_hits},
      {"sparse_hits", sparse_hits},
      {"confusion_counts", confusion_counts},
  });
}

}  // namespace elman
