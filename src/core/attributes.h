// The settings of one kernel call: numbers, lists of numbers and texts by name.
// The boundary fills them with set(); kernels only read.
#ifndef ELMAN_CORE_ATTRIBUTES_H_
#define ELMAN_CORE_ATTRIBUTES_H_

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace elman {

// A call has a handful of attributes, so a search from the front is quickest.
class Attributes {
 public:
  void set(std::string name, std::vector<double> values) {
    entries_.push_back({std::move(name), std::move(values), std::string()});
  }
  void set(std::string name, double value) {
    set(std::move(name), std::vector<double>{value});
  }
  void set(std::string name, std::string text) {
    entries_.push_back({std::move(name), {}, std::move(text)});
  }
  void set(std::string name, const char* text) {
    set(std::move(name), std::string(text));
  }

  // Other numbers for an attribute that is there.
  void change(const char* name, std::vector<double> values) {
    for (Entry& entry : entries_) {
      if (entry.name == name) entry.values = std::move(values);
    }
  }

  bool has(const char* name) const { return find(name) != nullptr; }

  const std::vector<double>& numbers(const char* name) const {
    return need(name).values;
  }
  double number(const char* name) const { return single(need(name)); }
  double number(const char* name, double otherwise) const {
    const Entry* entry = find(name);
    return entry == nullptr ? otherwise : single(*entry);
  }
  int64_t integer(const char* name) const { return whole(number(name), name); }
  int64_t integer(const char* name, int64_t otherwise) const {
    return has(name) ? integer(name) : otherwise;
  }
  bool flag(const char* name, bool otherwise) const {
    return number(name, otherwise ? 1.0 : 0.0) != 0.0;
  }
  std::vector<int64_t> integers(const char* name) const {
    std::vector<int64_t> out;
    for (double value : numbers(name)) out.push_back(whole(value, name));
    return out;
  }
  const std::string& text(const char* name) const { return need(name).text; }
  std::string text(const char* name, const char* otherwise) const {
    return has(name) ? text(name) : std::string(otherwise);
  }

 private:
  struct Entry {
    std::string name;
    std::vector<double> values;
    std::string text;
  };

  const Entry* find(const char* name) const {
    const std::string_view wanted(name);
    for (const Entry& entry : entries_) {
      if (entry.name == wanted) return &entry;
    }
    return nullptr;
  }
  const Entry& need(const char* name) const {
    const Entry* entry = find(name);
    if (entry != nullptr) return *entry;
    throw std::invalid_argument(std::string("the kernel needs attribute \"") +
                                name + "\"");
  }
  static double single(const Entry& entry) {
    if (entry.values.size() == 1) return entry.values[0];
    throw std::invalid_argument("attribute \"" + entry.name +
                                "\" must be one number");
  }
  static int64_t whole(double value, const char* name) {
    if (std::abs(value) <= 9007199254740992.0 && value == std::trunc(value)) {
      return static_cast<int64_t>(value);
    }
    throw std::invalid_argument(std::string("attribute \"") + name +
                                "\" must be whole");
  }

  std::vector<Entry> entries_;
};

}  // namespace elman

#endif  // ELMAN_CORE_ATTRIBUTES_H_
