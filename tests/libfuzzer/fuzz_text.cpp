// Text from files and from users: JSON is looked through to the same end by a
// plain reader, checksums are those of the bitwise definition, and a name is
// known or not.
#include "core/activations.h"
#include "core/cell.h"
#include "core/crc32.h"
#include "core/json_scan.h"
#include "core/registry.h"
#include "drawing.h"

using namespace drawing;

namespace {

uint32_t plain_crc32(const uint8_t* bytes, size_t n) {
  uint32_t crc = 0xFFFFFFFFu;
  for (size_t k = 0; k < n; ++k) {
    crc ^= bytes[k];
    for (int bit = 0; bit < 8; ++bit) {
      crc = crc & 1u ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
  }
  return ~crc;
}

// Is the text bracketed and quoted as JSON is, and how deep? -1 where not.
int64_t plain_depth(const std::string& text) {
  std::string open;
  int64_t depth = 0;
  for (size_t k = 0; k < text.size(); ++k) {
    const char c = text[k];
    if (c == '"') {
      for (++k;; ++k) {
        if (k >= text.size()) return -1;
        if (text[k] == '"') break;
        if (text[k] != '\\') continue;
        if (++k >= text.size() || !std::strchr("\"\\/bfnrtu", text[k]) ||
            text[k] == '\0') {
          return -1;
        }
      }
    } else if (c == '[' || c == '{') {
      open += c;
      depth = std::max<int64_t>(depth, static_cast<int64_t>(open.size()));
    } else if (c == ']' || c == '}') {
      if (open.empty() || open.back() != (c == ']' ? '[' : '{')) return -1;
      open.pop_back();
    }
  }
  return open.empty() ? depth : -1;
}

void run_json(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const elman::JsonLimits limits = {16, 1000};
  const std::string problem = elman::JsonScan(text, limits).problem();
  const int64_t depth = plain_depth(text);
  if (problem.empty()) {
    hold(depth >= 0 && depth <= 16, "what passes is bracketed, and not too deep");
  } else if (problem == "is not valid JSON") {
    hold(depth < 0, "what is refused as broken is broken");
  }
  // Room for all: only names that come twice are left to object to.
  const std::string wide = elman::JsonScan(text, {size + 1, 2 * size + 1}).problem();
  hold(wide.empty() == (depth >= 0) || wide.find("twice") != std::string::npos,
       "nothing else is objected to");
}

void run_names(const uint8_t* data, size_t size) {
  const std::string name(reinterpret_cast<const char*>(data), size);
  elman::Activation activation;
  elman::Cell cell;
  const bool known = elman::parse_activation(name.c_str(), &activation);
  elman::Attributes attributes;
  attributes.set("name", name);
  float z[2] = {1, 2}, y[2] = {0, 0};
  const Array from{z, DType::kFloat32, {2}}, to{y, DType::kFloat32, {2}};
  try {
    (*elman::find_kernel("activation"))({from}, {to}, attributes);
    hold(known, "only a known activation is computed");
  } catch (const std::invalid_argument&) {
    hold(!known || activation == elman::Activation::kGlu,
         "a known activation is computed");
  }
  elman::parse_cell(name.c_str(), &cell);
  elman::find_kernel(name);
  try {
    hold(elman::dtype_name(elman::parse_dtype(name)) == name,
         "a dtype is its name");
  } catch (const std::invalid_argument&) {
  }
  const std::string usual = elman::isa_name();
  try {
    elman::set_isa(name);
    hold(elman::isa_name() == name, "an instruction set is its name");
  } catch (const std::invalid_argument&) {
  }
  elman::set_isa(usual);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  run_json(data, size);
  if (size < 200) run_names(data, size);
  hold(elman::crc32(data, size) == plain_crc32(data, size),
       "a checksum is that of the definition");
  return 0;
}
