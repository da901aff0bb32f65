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
// The compiler knows the length of a name that is written out, and of most
// other names no more than the length is looked at.
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
  void change(std::string_view name, std::vector<double> values) {
    for (Entry& entry : entries_) {
      if (entry.name == name) entry.values = std::move(values);
    }
  }

  bool has(std::string_view name) const { return find(name) != nullptr; }

  const std::vector<double>& numbers(std::string_view name) const {
    return need(name).values;
  }
  double number(std::string_view name) const { return single(need(name)); }
  double number(std::string_view name, double otherwise) const {
    const Entry* entry = find(name);
    return entry == nullptr ? otherwise : single(*entry);
  }
  int64_t integer(std::string_view name) const {
    return whole(number(name), name);
  }
  int64_t integer(std::string_view name, int64_t otherwise) const {
    const Entry* entry = find(name);
    return entry == nullptr ? otherwise : whole(single(*entry), name);
  }
  bool flag(std::string_view name, bool otherwise) const {
    return number(name, otherwise ? 1.0 : 0.0) != 0.0;
  }
  std::vector<int64_t> integers(std::string_view name) const {
    std::vector<int64_t> out;
    for (double value : numbers(name)) out.push_back(whole(value, name));
    return out;
  }
  const std::string& text(std::string_view name) const {
    return need(name).text;
  }
  // Not a copy, which a long text would allocate at every step.
  std::string_view text(std::string_view name,
                        std::string_view otherwise) const {
    const Entry* entry = find(name);
    return entry == nullptr ? otherwise : std::string_view(entry->text);
  }

 private:
  struct Entry {
    std::string name;
    std::vector<double> values;
    std::string text;
  };

  const Entry* find(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.name == name) return &entry;
    }
    return nullptr;
  }
  const Entry& need(std::string_view name) const {
    const Entry* entry = find(name);
    if (entry != nullptr) return *entry;
    throw std::invalid_argument("the kernel needs attribute \"" +
                                std::string(name) + "\"");
  }
  static double single(const Entry& entry) {
    if (entry.values.size() == 1) return entry.values[0];
    throw std::invalid_argument("attribute \"" + entry.name +
                                "\" must be one number");
  }
  static int64_t whole(double value, std::string_view name) {
    if (std::abs(value) <= 9007199254740992.0 && value == std::trunc(value)) {
      return static_cast<int64_t>(value);
    }
    throw std::invalid_argument("attribute \"" + std::string(name) +
                                "\" must be whole");
  }

  std::vector<Entry> entries_;
};

}  // namespace elman

#endif  // ELMAN_CORE_ATTRIBUTES_H_
