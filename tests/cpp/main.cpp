// Runs the claims of the test_*.cpp beside it: all, or those whose text contains
// one of the arguments; an argument behind a "-" leaves out those that contain
// it. Last line: "N passed, N failed".
#include <cstring>
#include <exception>

#include "check.h"

namespace {

bool is_wanted(const char* text, int count, char** parts) {
  bool wanted = true, named = false;
  for (int i = 0; i < count; ++i) {
    const bool without = parts[i][0] == '-';
    const bool found = std::strstr(text, parts[i] + without) != nullptr;
    if (without && found) return false;
    if (without) continue;
    if (!named) wanted = false;
    named = true;
    wanted = wanted || found;
  }
  return wanted;
}

}  // namespace

int main(int argc, char** argv) {
  int passed = 0, failed = 0;
  for (const check::Claim& claim : check::claims()) {
    if (!is_wanted(claim.text, argc - 1, argv + 1)) continue;
    try {
      claim.body();
      ++passed;
    } catch (const std::exception& error) {
      ++failed;
      std::printf("FAILED %s\n  %s\n", claim.text, error.what());
    }
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
