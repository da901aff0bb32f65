// Runs every claim of the test_*.cpp beside it; an argument keeps those whose
// text contains it. Last line: "N passed, N failed".
#include <cstring>
#include <exception>

#include "check.h"

int main(int argc, char** argv) {
  int passed = 0, failed = 0;
  for (const check::Claim& claim : check::claims()) {
    if (argc > 1 && !std::strstr(claim.text, argv[1])) continue;
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
