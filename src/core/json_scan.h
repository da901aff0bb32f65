// Looks through JSON text before it is parsed: how deep it is nested, how many
// values it holds, whether an object has a name twice. What it does not check is
// left to the parser.
#ifndef ELMAN_CORE_JSON_SCAN_H_
#define ELMAN_CORE_JSON_SCAN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace elman {

struct JsonLimits {
  size_t depth, values;
};

class JsonScan {
 public:
  JsonScan(std::string_view text, const JsonLimits& limits)
      : text_(text), limits_(limits) {}

  // What is wrong with the text, in words that follow its name; empty where
  // nothing is.
  std::string problem() {
    for (size_t at = 0; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == '"') {
        const size_t end = string_end(at + 1);
        if (end == std::string_view::npos) return kBroken;
        const std::string_view name = text_.substr(at + 1, end - at - 1);
        if (is_name_ && !open_.back().names.insert(name).second) {
          return "holds the name \"" + std::string(name.substr(0, 100)) +
                 "\" twice in one object";
        }
        is_name_ = false;
        at = end;
      } else if (c == '{' || c == '[') {
        open_.push_back({c, {}});
        if (open_.size() > limits_.depth) {
          return "is nested too deeply, at most " +
                 std::to_string(limits_.depth) + " levels are allowed";
        }
        is_name_ = c == '{';
        ++values_;
      } else if (c == '}' || c == ']') {
        // The closing bracket stands two places behind the opening one.
        if (open_.empty() || open_.back().bracket + 2 != c) return kBroken;
        open_.pop_back();
        is_name_ = false;
      } else if (c == ',') {
        is_name_ = !open_.empty() && open_.back().bracket == '{';
        ++values_;
      }
      if (values_ > limits_.values) {
        return "holds too many values, at most " +
               std::to_string(limits_.values) + " are allowed";
      }
    }
    return open_.empty() ? "" : kBroken;
  }

 private:
  static constexpr const char* kBroken = "is not valid JSON";

  struct Open {
    char bracket;
    std::unordered_set<std::string_view> names;
  };

  // Where the string that begins at `at` ends.
  size_t string_end(size_t at) const {
    for (; at < text_.size(); ++at) {
      if (text_[at] == '"') return at;
      if (text_[at] != '\\') continue;
      // What may stand behind a backslash.
      if (++at == text_.size() ||
          std::string_view("\"\\/bfnrtu").find(text_[at]) ==
              std::string_view::npos) {
        return std::string_view::npos;
      }
    }
    return std::string_view::npos;
  }

  std::string_view text_;
  JsonLimits limits_;
  std::vector<Open> open_;
  size_t values_ = 0;
  bool is_name_ = false;  // the next string is a name in an object
};

}  // namespace elman

#endif  // ELMAN_CORE_JSON_SCAN_H_
